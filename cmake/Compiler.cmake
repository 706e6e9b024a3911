# Compiler and linker settings that hold for every target of this project.

# -Wrestrict: GCC 12 reports std::string concatenation wrongly (GCC bug 105651).
# -Wmissing-field-initializers: designated initialisers name what differs from the defaults on purpose.
# -Wmaybe-uninitialized: GCC 12 reports std::optional and StatusOr wrongly once they are inlined
# (GCC bug 80635); the address and memory sanitizers look for the real thing.
add_library(connector_warnings INTERFACE)
target_compile_options(
  connector_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow
            $<$<BOOL:${CONNECTOR_WERROR}>:-Werror>
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
            -Wno-missing-field-initializers)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

if(CONNECTOR_SANITIZE)
  add_compile_options(-fsanitize=${CONNECTOR_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CONNECTOR_SANITIZE})
  if(CONNECTOR_SANITIZE MATCHES "thread")
    # Asio has atomic_thread_fence, which GCC's thread sanitizer does not follow and warns of.
    target_compile_options(connector_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(CONNECTOR_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
