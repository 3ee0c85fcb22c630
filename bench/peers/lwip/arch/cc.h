/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP looks for this file; what it would say are the defaults. */
#pragma once
