# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install uml-kasan: the kernel of uml with KASAN and UBSAN. Sourced; see uml.sh.

configs=("$root/tools/targets/uml/kasan.config")
# shellcheck source=tools/targets/uml.sh
source "$root/tools/targets/uml.sh"
