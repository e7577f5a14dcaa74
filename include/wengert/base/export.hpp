// Which names leave the library: everything is hidden but what carries WENGERT_API.
#pragma once

/// Stands before a class or function that a program may use: `class WENGERT_API Tape`, `WENGERT_API void set_threads(...)`.
/// On an explicitly instantiated template it stands on the class template itself.
#define WENGERT_API __attribute__((visibility("default")))
