// The out-of-line destructors that anchor each exception's type information in this library.
#include <wengert/base/errors.hpp>

namespace wengert {

Error::~Error() = default;
ShapeError::~ShapeError() = default;
GraphError::~GraphError() = default;
ValueError::~ValueError() = default;
FileError::~FileError() = default;

}  // namespace wengert
