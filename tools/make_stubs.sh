#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes python/packetwright/_core.pyi from the module of a build; needs pybind11-stubgen in .venv.
# usage: tools/make_stubs.sh BUILD_FOLDER [--check]
#   --check: writes nothing, and fails if the stubs are not what the module is.
set -euo pipefail

build=$(cd "${1:?usage: tools/make_stubs.sh BUILD_FOLDER [--check]}" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

PYTHONPATH=$build/python "$root/.venv/bin/python" -m pybind11_stubgen packetwright._core \
  --output-dir "$work" --exit-code >&2
# What pybind11 does not say of a signature, mypy --strict wants to know.
sed -E -e '1i # SPDX-License-Identifier: Apache-2.0' \
  -e '/^__all__/d' \
  -e 's/\*\*kwargs\)/**kwargs: typing.Any)/' \
  -e 's/def __eq__\(self, arg0: [A-Za-z.]+\)/def __eq__(self, arg0: object)/' \
  -e 's/(__hash__: typing.ClassVar\[None\] = None)/\1  # type: ignore[assignment]/' \
  -e 's/-> list:/-> list[typing.Any]:/; s/-> dict:/-> dict[str, typing.Any]:/' \
  -e 's/-> tuple:/-> tuple[typing.Any, ...]:/' \
  -e 's/collections.abc.Iterable\)/collections.abc.Iterable[typing.Any])/' \
  "$work/packetwright/_core.pyi" >"$work/out.pyi"

stubs=$root/python/packetwright/_core.pyi
if [[ ${2:-} == --check ]]; then
  diff -u "$stubs" "$work/out.pyi"
else
  mv "$work/out.pyi" "$stubs"
fi
