#!/usr/bin/env perl
# Usage: operations.pl [--check]
# Writes the reference part of docs/operations.md from the doc comments of the public headers; with --check it only says whether the
# page is up to date, and ends with 1 if not.
use strict;
use warnings;
use FindBin;

my $top = "$FindBin::Bin/..";
my $page = "$top/docs/operations.md";
my @headers = (
  (map { "ops/$_" } qw(arithmetic elementwise activation compare reduce norm cumulative order softmax shape rearrange select embedding linalg einsum solve decomposition)), 'array/windows', (map { "ops/$_" } qw(convolution pooling cast)),
  (map { "nn/$_" } qw(linear normalization losses regression_losses margin_losses penalties)));

my ($begin, $end) = ("<!-- reference: written by scripts/operations.pl -->\n", "<!-- end of the reference -->\n");

sub read_file {
  my ($path) = @_;
  open my $file, '<', $path or die "operations: cannot read $path: $!\n";
  local $/;
  return <$file>;
}

# "const X& x, std::int64_t axis = -1" as "x, axis = -1".
sub arguments_of {
  my ($text) = @_;
  my @arguments;
  my ($depth, $one) = (0, '');
  for my $c (split //, $text) {
    $depth += $c =~ /[<({\[]/ ? 1 : $c =~ /[>)}\]]/ ? -1 : 0;
    if ($c eq ',' && $depth == 0) { push @arguments, $one; $one = ''; } else { $one .= $c; }
  }
  push @arguments, $one if $one =~ /\S/;
  my @names;
  for my $argument (@arguments) {
    my ($left, $default) = $argument =~ /^(.*?)\s*=\s*(.*)$/s ? ($1, $2) : ($argument, undef);
    my ($name) = $left =~ /(\w+)\s*$/ or next;
    $name .= '...' if $left =~ /\.\.\./;
    push @names, defined $default && $default ne '{}' ? "$name = $default" : defined $default ? "$name = {}" : $name;
  }
  return join ', ', @names;
}

# What a declaration is called by: "matmul(a, b, options = {})".
sub call_of {
  my ($declaration) = @_;
  $declaration =~ s/\s+/ /g;
  return "a $1 b" if $declaration =~ /operator([-+*\/<>=!]+)\(\w+(?:<\w+>)?&& \w+, /;
  return "a $1 b" if $declaration =~ /operator([-+*\/<>=!]+)\(const .*,/;
  return "$1x" if $declaration =~ /operator([-+])\(/;
  my ($name, $rest) = $declaration =~ /(\w+)\((.*)$/ or return undef;
  my ($depth, $inside) = (1, '');
  for my $c (split //, $rest) {
    $depth += $c eq '(' ? 1 : $c eq ')' ? -1 : 0;
    last if $depth == 0;
    $inside .= $c;
  }
  return "$name(" . arguments_of($inside) . ')';
}

sub section_of {
  my ($header) = @_;
  my $path = "$top/include/wengert/$header.hpp";
  return '' unless -e $path;
  my @lines = split /\n/, read_file($path);
  my (@intro, @groups, @doc, @calls, $hidden);
  my ($title) = $header =~ /(\w+)$/;
  $title =~ tr/_/ /;
  push @intro, $1 while @lines && $lines[0] =~ m{^// ?(.*)} && shift @lines;

  my $flush = sub {
    if (@calls) {
      my %seen;
      push @groups, [[grep { !$seen{$_}++ } @calls], [@doc]];
    }
    @doc = @calls = ();
  };
  for (my $i = 0; $i < @lines; ++$i) {
    my $line = $lines[$i];
    if (defined $hidden) { $hidden = undef if $line =~ m{^\}  // namespace $hidden}; next; }
    if ($line =~ /^namespace (detail|cards|nn) \{$/) { $hidden = $1; $flush->(); next; }
    if ($line eq '') { $flush->(); next; }
    if ($line =~ m{^/// ?(.*)}) {
      my $said = $1;
      $flush->() if @calls && $said !~ /^The same/;
      push @doc, $said;
      next;
    }
    if ($line =~ /^enum class (\w+).*\{ (.*) \};/) {
      push @groups, [[$1], [@doc], [map { "`$_`" } split /, /, $2]];
      @doc = @calls = ();
      next;
    }
    if ($line =~ /^(enum class|struct) (\w+)/) {
      my ($kind, $name, @members) = ($1, $2);
      for (++$i; $i < @lines && $lines[$i] !~ /^\};/; ++$i) {
        push @members, "`$1`: $2" if $lines[$i] =~ m{^\s+(?:[\w:<>]+ )?(\w+(?: = [^;,]+)?)[;,]\s*///<\s*(.*)$};
      }
      push @groups, [["$name"], [@doc], \@members] if @members;
      @doc = @calls = ();
      next;
    }
    next if $line =~ /^(template|\s+requires|#|extern|inline constexpr|concept|using|namespace|\})/ && $line !~ /^inline .*\(/;
    next unless $line =~ /^\S.*\(/;
    my $declaration = $line;
    $declaration .= $lines[++$i] while $declaration !~ /[{;]\s*$/ && $declaration !~ /[{;]/ && $i + 1 < @lines;
    my $call = call_of($declaration);
    push @calls, $call if @doc && defined $call;
    if ($declaration =~ /\{\s*$/) { ++$i while $i < @lines && $lines[$i] !~ /^\}/; }
  }
  $flush->();
  return '' unless @groups;

  my $text = "### " . ucfirst($title) . "\n\n`<wengert/$header.hpp>`. " . join(' ', @intro) . "\n\n";
  for my $group (@groups) {
    my ($calls, $doc, $members) = @$group;
    my $said = join ' ', @$doc;
    $said =~ s/   /\n  /g;
    $said =~ s/\*/\\*/g;
    $text .= '- ' . join(', ', map { "`$_`" } @$calls) . ($said ne '' ? ":\n  $said" : '') . "\n";
    $text .= "  - $_\n" for @{$members // []};
  }
  return "$text\n";
}

my $text = read_file($page);
my ($before, $after) = $text =~ /^(.*?\Q$begin\E).*?(\Q$end\E.*)$/s or die "operations: docs/operations.md has no place for the reference\n";
my $made = $before . "\n" . join('', map { section_of($_) } @headers) . $after;
if (@ARGV && $ARGV[0] eq '--check') {
  exit 0 if $made eq $text;
  print STDERR "operations: docs/operations.md is not what the headers say; run scripts/operations.pl\n";
  exit 1;
}
open my $out, '>', $page or die "operations: cannot write $page: $!\n";
print $out $made;
