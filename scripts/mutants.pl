#!/usr/bin/perl
# Usage: mutants.pl list TREE FILE...        prints ID, FILE, OFFSET, LENGTH, =REPLACEMENT, tab-separated, for every mutant
#        mutants.pl apply TREE FILE OFFSET LENGTH =REPLACEMENT       prints the changed file
#        mutants.pl plain FILE               prints the file taught a third way of joining cotangent and slope: the plain product
# The errors that scripts/mutate.sh makes. It works on text: the code is formatted by one set of rules, and what does not compile
# afterwards is counted apart. An ID tells card, function, change and the how-manieth of its kind, so it survives edits elsewhere.
use strict;
use warnings;

sub contents {
  my ($path) = @_;
  open(my $in, '<', $path) or die "mutants.pl: $path: $!\n";
  local $/;
  return scalar <$in>;
}

# The text with everything blanked that must not be changed, of the same length.
sub masked {
  my ($text) = @_;
  my $blank = sub { my $s = shift; $s =~ s/[^\n]/ /g; $s };
  $text =~ s/(\/\/[^\n]*|"(?:[^"\\\n]|\\.)*")/$blank->($1)/ge;
  $text =~ s/^(#[^\n]*)/$blank->($1)/gme;
  $text =~ s/\b(throw\b[^;]*;|static_assert\b[^;]*;|refuse\([^;]*;|for \([^\n]*?\) )/$blank->($1)/ge;
  $text =~ s/(template <[^\n]*?>(?= |\n))/$blank->($1)/ge;
  return $text;
}

# The arguments of the call whose opening parenthesis is at $open: [offset, length] each; nothing if they do not close.
sub arguments {
  my ($code, $open) = @_;
  my ($depth, $start, @found) = (0, $open + 1);
  for (my $i = $open; $i < length $code; ++$i) {
    my $c = substr($code, $i, 1);
    if ($c =~ /[(\[{]/) {
      ++$depth;
    } elsif ($c =~ /[)\]}]/) {
      if (--$depth == 0) {
        push @found, [$start, $i - $start];
        return (\@found, $i);
      }
    } elsif ($c eq ',' && $depth == 1) {
      push @found, [$start, $i - $start];
      $start = $i + 1;
      ++$start while substr($code, $start, 1) =~ /\s/;
    }
  }
  return;
}

my %other = (
  ' + ' => 'plus-minus',    ' - ' => 'minus-plus',       ' * ' => 'times-over',       ' / ' => 'over-times',
  ' < ' => 'less-lessequal', ' <= ' => 'lessequal-less', ' > ' => 'greater-greaterequal', ' >= ' => 'greaterequal-greater',
  ' == ' => 'equal-unequal', ' != ' => 'unequal-equal',  ' += ' => 'add-subtract',     ' -= ' => 'subtract-add',
  ' *= ' => 'multiply-divide', ' /= ' => 'divide-multiply', ' && ' => 'and-or',        ' || ' => 'or-and',
);
my %becomes = (
  ' + ' => ' - ', ' - ' => ' + ', ' * ' => ' / ', ' / ' => ' * ', ' < ' => ' <= ', ' <= ' => ' < ', ' > ' => ' >= ', ' >= ' => ' > ',
  ' == ' => ' != ', ' != ' => ' == ', ' += ' => ' -= ', ' -= ' => ' += ', ' *= ' => ' /= ', ' /= ' => ' *= ', ' && ' => ' || ', ' || ' => ' && ',
);
my %function = (sin => 'cos', cos => 'sin', tanh => 'sin', exp => 'expm1', expm1 => 'exp', log => 'log1p', log1p => 'log', sqrt => 'abs', abs => 'sqrt',
                largest_over => 'smallest_over', smallest_over => 'largest_over');
my %keeps = (inputs => ['nothing'], output => ['nothing'], both => ['inputs', 'output']);

sub list {
  my ($tree, $file) = @_;
  my $text = contents("$tree/$file");
  my $code = masked($text);
  my ($stem) = $file =~ m{([^/]+)\.\w+$};
  my $is_header = $file =~ /\.hpp$/;
  my $is_cards = $file =~ m{/cards/};

  # Where mutants may be: the cards of a header; the cards' bodies and their helpers of a source file.
  my ($begin, $end) = (0, length $code);
  if ($file =~ m{src/array/kernels/reduce\.cpp$}) {
    $begin = index($text, '// ---- the softmax family ----');
    $end = index($text, 'constexpr ReduceKernels<T> table()');
    die "mutants.pl: $file no longer has its softmax family where it was\n" if $begin < 0 || $end < 0;
    $code =~ s/\b((?:x|y|g|dx) \+ (?:j|row \* n|label))\b/' ' x length $1/ge;  # where a row begins is no rule of a card
  } elsif (!$is_header && $text =~ /namespace (?:wengert::)?cards \{/) {
    $begin = $-[0];
    $end = $-[0] if $text =~ /^\}  \/\/ namespace (?:wengert::)?cards/m;
  } elsif ($is_header && $text =~ /^namespace cards \{/m) {
    $begin = $-[0];
    $end = $-[0] if $text =~ /^\}  \/\/ namespace cards/m;
  }

  # For each line the function that it is in.
  my (@names, $struct, $name);
  my ($position, @starts) = (0);
  for my $line (split /^/, $text) {
    push @starts, $position;
    my $bare = substr($code, $position, length $line);
    $position += length $line;
    if ($line =~ /^struct (?:WENGERT_API )?(\w+)/) {
      ($struct, $name) = ($1, "$1.members");
    } elsif ($line =~ /^\};/) {
      undef $struct;
    } elsif (defined $struct && $line =~ /^  \S/ && $bare =~ /\bkeeps = /) {
      $name = "$struct.keeps";
    } elsif (defined $struct && $line =~ /^  \S/ && $bare =~ /^  (?!\})[^=;]*?\b(?!static_cast|requires)(\w+)\(/) {
      $name = "$struct.$1";
    } elsif (defined $struct && $line =~ /^  \S/ && $bare =~ /(\w+)(?:\[\])? = /) {
      $name = "$struct.$1";
    } elsif (!defined $struct && $line =~ /^(?!namespace|using|template|\}|\s)/ && $bare =~ /((?:\w+::)?\w+)\(/) {
      my $found = $1;
      if ($found =~ /(\w+)::(\w+)/) { $name = "$1.$2" } else { $name = ($file =~ /kernels/ ? 'kernels' : $stem) . ".$found" }
    }
    push @names, $name;
  }
  my $line_of = sub {
    my ($low, $high) = (0, $#starts);
    while ($low < $high) {
      my $middle = int(($low + $high + 1) / 2);
      if ($starts[$middle] <= $_[0]) { $low = $middle } else { $high = $middle - 1 }
    }
    return $low;
  };

  my (@mutants, %count);
  my $add = sub {
    my ($kind, $offset, $length, $replacement) = @_;
    return if $offset < $begin || $offset >= $end;
    my $name = $names[$line_of->($offset)];
    return unless defined $name;
    return if $is_header && !$is_cards && $name !~ /\.keeps$/;  # a general card's body is in its source file
    push @mutants, [$name, $kind, $offset, $length, $replacement];
  };
  my $swap = sub {
    my ($kind, $a, $b) = @_;
    my ($left, $right) = (substr($text, $a->[0], $a->[1]), substr($text, $b->[0], $b->[1]));
    return if $left eq $right;
    my $between = substr($text, $a->[0] + $a->[1], $b->[0] - $a->[0] - $a->[1]);
    $add->($kind, $a->[0], $b->[0] + $b->[1] - $a->[0], $right . $between . $left);
  };

  while ($code =~ /( (?:[-+*\/]=?|[<>]=?|[=!]=|&&|\|\|) )/g) {
    $add->($other{$1}, $-[1], length $1, $becomes{$1}) if exists $other{$1};
    pos($code) = $+[1] - 1;
  }
  # A minus that is a sign; but not that of a case label's or an option's value.
  while ($code =~ /(?:(?<=[(,{])|(?<=[,=?:] )|(?<=return ))-(?=[A-Za-z_(.\d])/g) { $add->('no-minus', $-[0], 1, '') }
  while ($code =~ /\b[XTBV]\((-?[\d.]+)\)/g) {
    my ($from, $to, $number) = ($-[1], $+[1], $1);
    next if substr($code, $from - 9, 9) =~ /count, T\($/ && substr($text, $starts[$line_of->($from)], 400) =~ /^[^\n]*store\(/;  # padding that is not stored
    $add->("$number-one-more", $from, $to - $from, $number + 1);
  }
  while ($code =~ /\b(true|false)\b/g) { $add->("not-$1", $-[1], length $1, $1 eq 'true' ? 'false' : 'true') }
  while ($code =~ /!(?=[\w(])/g) { $add->('no-not', $-[0], 1, '') }
  while ($code =~ /(?<![\w:])(\w+)(?=\(|<T>)/g) {
    my ($from, $to, $called) = ($-[1], $+[1], $1);
    $add->("$called-$function{$called}", $from, $to - $from, $function{$called}) if exists $function{$called};
  }
  while ($code =~ /\bdetail::(largest_over|smallest_over)\b/g) { $add->("$1-$function{$1}", $-[1], length $1, $function{$1}) }
  my $has_two_inputs = $text =~ /s\.x\(1\)/;
  while ($code =~ /\bs\.x\(([01])\)/g) { $add->("input-$1-other", $-[1], 1, 1 - $1) if $has_two_inputs }
  while ($code =~ /\bkeeps = Keeps::(\w+);/g) {
    my ($from, $to, $now) = ($-[1], $+[1], $1);
    $add->("keeps-$_", $from, $to - $from, $_) for @{$keeps{$now} // []};
  }
  while ($code =~ /\bunit_slopes\[\] = \{([^}]*)\}/g) {
    my ($from, $slopes) = ($-[1], $1);
    while ($slopes =~ /(-?)1/g) { $add->('unit-slope-sign', $from + $-[0], length $&, $1 ? '1' : '-1') }
  }

  # What a slope or a pullback gives, with the other sign.
  while ($code =~ /\breturn ([^-;{][^;{]*);/g) {
    my ($from, $length) = ($-[1], $+[1] - $-[1]);
    $add->('negated', $from, $length, '-(' . substr($text, $from, $length) . ')') if ($names[$line_of->($from)] // '') =~ /\.(?:slope|pullback|\w+_backward|joined)$/;
  }

  # Operands that change places.
  my $operand = qr/[\w.:]+(?:\([^()]*\)|\[[^\[\]]*\])?/;
  while ($code =~ /(?<![-+*\/\w.)\]] )(?<![\w.:])($operand) [-\/] ($operand)(?![\w.:(\[])/g) { $swap->('swap', [$-[1], $+[1] - $-[1]], [$-[2], $+[2] - $-[2]]) }
  while ($code =~ /\b(where|pow|guarded|multiplied|slice|expand_dims|unstretched)\(/g) {
    my ($called, $open) = ($1, $+[1]);
    my ($found, $close) = arguments($code, $open) or next;
    next if $code =~ /\G/gc && @$found < 2;
    my $start = $open - length $called;
    $swap->('where-swap', @$found[1, 2]) if $called eq 'where' && @$found == 3;
    $swap->("$called-swap", @$found[0, 1]) if $called =~ /^(?:pow|guarded|multiplied)$/;
    $add->('no-unstretched', $start, $close + 1 - $start, substr($text, $found->[0][0], $found->[0][1])) if $called eq 'unstretched' && substr($code, $start - 2, 2) ne 'V ' && @$found == 2;
  }

  # The strong zero.
  while ($code =~ /\b(?:detail::)?record_library<(?:cards::)?(StrongProduct|Both)>\(/g) {
    my ($start, $open) = ($-[0], $+[0] - 1);
    my ($found, $close) = arguments($code, $open) or next;
    next unless @$found == 2;
    my ($g, $slope) = map { substr($text, $_->[0], $_->[1]) } @$found;
    $add->("plain-product-for-$1", $start, $close + 1 - $start, "($g) * ($slope)");
  }
  if ($is_cards) {
    while ($code =~ /^struct (\w+) : Elementwise<\1> \{\n(.*?)^\};/gms) {
      my ($card, $body, $body_at) = ($1, $2, $-[2]);
      next if $body =~ /unit_slopes/;  # their cotangents are handed on, nothing is joined
      if ($body =~ /join = detail::Join::(\w+);/) {
        my ($from, $length) = ($body_at + $-[1], length $1);
        push @mutants, ["$card.join", "join-$_", $from, $length, $_] for 'plain', 'product';
      } elsif ($body =~ /^  static constexpr Keeps keeps = [^\n]*\n/m) {
        push @mutants, ["$card.join", 'join-plain', $body_at + $+[0], 0, '  static constexpr detail::Join join = detail::Join::plain;'];
      }
    }
  }

  # In the order of the text, so that the how-manieth of a kind is that of a reader.
  for my $mutant (sort { $a->[2] <=> $b->[2] || $a->[1] cmp $b->[1] } @mutants) {
    my ($name, $kind, $offset, $length, $replacement) = @$mutant;
    my $line_start = rindex($text, "\n", $offset - 1) + 1;
    next if substr($text, $line_start, index($text, "\n", $offset) - $line_start) =~ /== Join::plain\)/;  # what `plain` has put there
    $replacement =~ s/\s*\n\s*/ /g;
    my $number = ++$count{"$name:$kind"};
    print join("\t", "$name:$kind:$number", $file, $offset, $length, "=$replacement"), "\n";
  }
}

my $mode = shift @ARGV // '';
if ($mode eq 'list') {
  my $tree = shift @ARGV;
  list($tree, $_) for @ARGV;
} elsif ($mode eq 'apply') {
  my ($tree, $file, $offset, $length, $replacement) = @ARGV;
  my $text = contents("$tree/$file");
  substr($text, $offset, $length) = substr($replacement, 1);
  print $text;
} elsif ($mode eq 'plain') {
  my ($file) = @ARGV;
  my $text = contents($file);
  my $changed = 0;
  $changed += $text =~ s/(enum class Join : std::uint8_t \{ product, both)/$1, plain/;
  $changed += $text =~ s/(constexpr T join_numbers\(T g, T slope\) \{\n)/$1  if constexpr (join == Join::plain) return g * slope;\n/;
  $changed += $text =~ s/(Batch<T> joined\(Batch<T> g, Batch<T> slope\) \{\n)/$1  if constexpr (join == Join::plain) return g * slope;\n/;
  $changed += $text =~ s/(Var<T> joined\(Join join, const Var<T>& g, const Var<T>& slope\) \{\n)/$1  if (join == Join::plain) return g * slope;\n/;
  die "mutants.pl: $file does not join cotangents and slopes any more\n" unless $changed == 1;
  print $text;
} else {
  die "usage: mutants.pl list TREE FILE... | apply TREE FILE OFFSET LENGTH =REPLACEMENT | plain FILE\n";
}
