# Warnings are ours alone: every target of the project links this one privately, nothing of it reaches a user.
add_library(wengert_warnings INTERFACE)
target_compile_options(wengert_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(WENGERT_WARNINGS_AS_ERRORS)
  target_compile_options(wengert_warnings INTERFACE -Werror)
endif()
