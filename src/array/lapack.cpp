// LAPACK on one matrix in memory: from ours to calls of Fortran.
#include "array/lapack.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

// LAPACK as Fortran knows it; behind the arguments stand the lengths of those that are letters. OpenBLAS holds it, but on Debian no header of it.
namespace wengert::detail::lapack {
using Int = const blasint*;
using Letter = const char*;
template <class T>
using Getrf = void(Int m, Int n, T* a, Int lda, blasint* pivots, blasint* info);
template <class T>
using Getri = void(Int n, T* a, Int lda, Int pivots, T* work, Int work_size, blasint* info);
template <class T>
using Gecon = void(Letter norm, Int n, const T* a, Int lda, const T* size, T* condition, T* work, blasint* integers, blasint* info, std::size_t);
template <class T>
using Potrf = void(Letter triangle, Int n, T* a, Int lda, blasint* info, std::size_t);
template <class T>
using Gelqf = void(Int m, Int n, T* a, Int lda, T* tau, T* work, Int work_size, blasint* info);
template <class T>
using Orglq = void(Int m, Int n, Int k, T* a, Int lda, const T* tau, T* work, Int work_size, blasint* info);
template <class T>
using Gesdd = void(Letter job, Int m, Int n, T* a, Int lda, T* s, T* u, Int ldu, T* vt, Int ldvt, T* work, Int work_size, blasint* integers, blasint* info, std::size_t);
template <class T>
using Syevd = void(Letter job, Letter triangle, Int n, T* a, Int lda, T* values, T* work, Int work_size, blasint* integers, Int integers_size, blasint* info, std::size_t, std::size_t);
}  // namespace wengert::detail::lapack

extern "C" {
wengert::detail::lapack::Getrf<float> sgetrf_;
wengert::detail::lapack::Getrf<double> dgetrf_;
wengert::detail::lapack::Getri<float> sgetri_;
wengert::detail::lapack::Getri<double> dgetri_;
wengert::detail::lapack::Gecon<float> sgecon_;
wengert::detail::lapack::Gecon<double> dgecon_;
wengert::detail::lapack::Potrf<float> spotrf_;
wengert::detail::lapack::Potrf<double> dpotrf_;
wengert::detail::lapack::Gelqf<float> sgelqf_;
wengert::detail::lapack::Gelqf<double> dgelqf_;
wengert::detail::lapack::Orglq<float> sorglq_;
wengert::detail::lapack::Orglq<double> dorglq_;
wengert::detail::lapack::Gesdd<float> sgesdd_;
wengert::detail::lapack::Gesdd<double> dgesdd_;
wengert::detail::lapack::Syevd<float> ssyevd_;
wengert::detail::lapack::Syevd<double> dsyevd_;
}

namespace wengert::detail::lapack {

namespace {

template <Real T>
struct Routines;
template <>
struct Routines<float> {
  static constexpr auto getrf = &sgetrf_;
  static constexpr auto getri = &sgetri_;
  static constexpr auto gecon = &sgecon_;
  static constexpr auto potrf = &spotrf_;
  static constexpr auto gelqf = &sgelqf_;
  static constexpr auto orglq = &sorglq_;
  static constexpr auto gesdd = &sgesdd_;
  static constexpr auto syevd = &ssyevd_;
  static constexpr auto trsm = &cblas_strsm;
};
template <>
struct Routines<double> {
  static constexpr auto getrf = &dgetrf_;
  static constexpr auto getri = &dgetri_;
  static constexpr auto gecon = &dgecon_;
  static constexpr auto potrf = &dpotrf_;
  static constexpr auto gelqf = &dgelqf_;
  static constexpr auto orglq = &dorglq_;
  static constexpr auto gesdd = &dgesdd_;
  static constexpr auto syevd = &dsyevd_;
  static constexpr auto trsm = &cblas_dtrsm;
};

constexpr std::size_t letter = 1;  // the length of one
constexpr blasint ask = -1;        // for the size of a workspace

blasint side_of(std::size_t n) { return static_cast<blasint>(n); }

template <class T>
Array<T> workspace(std::size_t size) {
  return Array<T>::uninitialized({std::max<std::size_t>(size, 1)});
}
template <class T>
Array<T> workspace(blasint size) {
  return workspace<T>(static_cast<std::size_t>(size));
}

/// The size of a workspace from LAPACK's answer, which may have been rounded down, and at least what its pages say.
template <Real T>
blasint size_of(T answer, double least) {
  const double asked = std::ceil(static_cast<double>(answer) * (1 + static_cast<double>(std::numeric_limits<T>::epsilon())));
  return static_cast<blasint>(std::min(static_cast<double>(most), std::max(asked, least)));
}

}  // namespace

double svd_workspace(std::size_t m, std::size_t n) {
  const auto k = static_cast<double>(std::min(m, n));
  return 4 * k * k + 7 * k + static_cast<double>(std::max(m, n));
}

double eigh_workspace(std::size_t n) {
  const auto k = static_cast<double>(n);
  return 1 + 6 * k + 2 * k * k;
}

// ---- from the factors L U P ----

template <Real T>
blasint factor(std::size_t n, T* a, blasint* pivots) {
  const blasint side = side_of(n);
  blasint info = 0;
  Routines<T>::getrf(&side, &side, a, &side, pivots, &info);
  return info;
}

template <Real T>
blasint invert(std::size_t n, T* factors, const blasint* pivots) {
  const blasint side = side_of(n);
  blasint info = 0;
  T answer = 0;
  Routines<T>::getri(&side, factors, &side, pivots, &answer, &ask, &info);
  const blasint size = size_of(answer, static_cast<double>(n));
  auto work = workspace<T>(size);
  Routines<T>::getri(&side, factors, &side, pivots, work.writable().data(), &size, &info);
  return info;
}

template <Real T>
blasint condition(std::size_t n, const T* factors, T size, T* estimate) {
  const blasint side = side_of(n);
  auto work = workspace<T>(4 * n);
  std::vector<blasint> integers(n);
  blasint info = 0;
  Routines<T>::gecon("1", &side, factors, &side, &size, estimate, work.writable().data(), integers.data(), &info, letter);  // by columns, as LAPACK sees them
  return info;
}

template <Real T>
void divide(const T* a, const blasint* pivots, MatrixForm form, bool transposed, std::size_t n, std::size_t width, T* x) {
  const auto by = [&](CBLAS_UPLO triangle, CBLAS_DIAG diagonal) {
    Routines<T>::trsm(CblasRowMajor, CblasLeft, triangle, transposed ? CblasTrans : CblasNoTrans, diagonal, side_of(n), side_of(width), T(1), a, side_of(n), x, side_of(width));
  };
  const auto exchange = [&](std::size_t k) {
    const auto other = static_cast<std::size_t>(pivots[k] - 1);
    if (other != k) std::swap_ranges(x + k * width, x + (k + 1) * width, x + other * width);
  };
  if (form != MatrixForm::general) {
    by(form == MatrixForm::lower ? CblasLower : CblasUpper, CblasNonUnit);
  } else if (transposed) {
    for (std::size_t k = 0; k < n; ++k) exchange(k);
    by(CblasUpper, CblasUnit);
    by(CblasLower, CblasNonUnit);
  } else {
    by(CblasLower, CblasNonUnit);
    by(CblasUpper, CblasUnit);
    for (std::size_t k = n; k-- > 0;) exchange(k);
  }
}

// ---- other factors ----

template <Real T>
blasint cholesky(bool upper, std::size_t n, T* a) {
  const blasint side = side_of(n);
  blasint info = 0;
  Routines<T>::potrf(upper ? "L" : "U", &side, a, &side, &info, letter);
  return info;
}

template <Real T>
blasint qr(std::size_t m, std::size_t n, T* a, T* q, T* r) {
  // Of the transpose LAPACK finds L Q: its lower triangle is our upper one, and its Q our Q's transpose.
  const std::size_t k = std::min(m, n);
  const blasint rows = side_of(m), columns = side_of(n), inner = side_of(k);
  blasint info = 0;
  T answer = 0, other_answer = 0;
  auto scales = workspace<T>(k);
  T* const tau = scales.writable().data();
  Routines<T>::gelqf(&columns, &rows, a, &columns, tau, &answer, &ask, &info);
  Routines<T>::orglq(&inner, &rows, &inner, a, &columns, tau, &other_answer, &ask, &info);
  const blasint size = size_of(std::max(answer, other_answer), static_cast<double>(std::max(m, n)));
  auto work = workspace<T>(size);
  Routines<T>::gelqf(&columns, &rows, a, &columns, tau, work.writable().data(), &size, &info);
  for (std::size_t row = 0; row < k; ++row)
    for (std::size_t column = 0; column < n; ++column) r[row * n + column] = column >= row ? a[row * n + column] : T(0);
  Routines<T>::orglq(&inner, &rows, &inner, a, &columns, tau, work.writable().data(), &size, &info);
  for (std::size_t row = 0; row < m; ++row) std::copy_n(a + row * n, k, q + row * k);
  return info;
}

template <Real T>
blasint svd(std::size_t m, std::size_t n, T* a, T* u, T* s, T* vt) {
  // Of the transpose V is on the left: its columns there are the rows of our V^T.
  const std::size_t k = std::min(m, n);
  const blasint rows = side_of(m), columns = side_of(n), inner = side_of(k);
  std::vector<blasint> integers(8 * k);
  blasint info = 0;
  T answer = 0;
  Routines<T>::gesdd("S", &columns, &rows, a, &columns, s, vt, &columns, u, &inner, &answer, &ask, integers.data(), &info, letter);
  const blasint size = size_of(answer, svd_workspace(m, n));
  auto work = workspace<T>(size);
  Routines<T>::gesdd("S", &columns, &rows, a, &columns, s, vt, &columns, u, &inner, work.writable().data(), &size, integers.data(), &info, letter);
  return info;
}

template <Real T>
blasint eigh(std::size_t n, T* a, T* values, T* vectors) {
  const blasint side = side_of(n), size = static_cast<blasint>(eigh_workspace(n));
  std::vector<blasint> integers(3 + 5 * n);
  const blasint integers_size = side_of(integers.size());
  auto work = workspace<T>(size);
  blasint info = 0;
  Routines<T>::syevd("V", "U", &side, a, &side, values, work.writable().data(), &size, integers.data(), &integers_size, &info, letter, letter);
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t column = 0; column < n; ++column) vectors[row * n + column] = a[column * n + row];
  return info;
}

template blasint factor(std::size_t, float*, blasint*);
template blasint invert(std::size_t, float*, const blasint*);
template blasint condition(std::size_t, const float*, float, float*);
template void divide(const float*, const blasint*, MatrixForm, bool, std::size_t, std::size_t, float*);
template blasint cholesky(bool, std::size_t, float*);
template blasint qr(std::size_t, std::size_t, float*, float*, float*);
template blasint svd(std::size_t, std::size_t, float*, float*, float*, float*);
template blasint eigh(std::size_t, float*, float*, float*);
template blasint factor(std::size_t, double*, blasint*);
template blasint invert(std::size_t, double*, const blasint*);
template blasint condition(std::size_t, const double*, double, double*);
template void divide(const double*, const blasint*, MatrixForm, bool, std::size_t, std::size_t, double*);
template blasint cholesky(bool, std::size_t, double*);
template blasint qr(std::size_t, std::size_t, double*, double*, double*);
template blasint svd(std::size_t, std::size_t, double*, double*, double*, double*);
template blasint eigh(std::size_t, double*, double*, double*);

}  // namespace wengert::detail::lapack
