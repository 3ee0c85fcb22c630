// SPDX-License-Identifier: Apache-2.0

package agent

import "fmt"

// An Errno is an error as the protocol has it: the number that Linux gives it, whatever system the
// agent runs on. Errors of other types are told as EIO.
type Errno int

// Those that an agent needs most.
const (
	EIO           Errno = 5
	EBADF         Errno = 9
	EAGAIN        Errno = 11 // nothing yet: the harness asks again after a frame or a timer
	EINVAL        Errno = 22
	EAFNOSUPPORT  Errno = 97
	EADDRNOTAVAIL Errno = 99
	EDESTADDRREQ  Errno = 89
	EMSGSIZE      Errno = 90
	ENOTSUP       Errno = 95 // the stack does not have it: the case is UNSUPPORTED
	ENOTCONN      Errno = 107
	EINPROGRESS   Errno = 115 // connect() is on its way
)

func (e Errno) Error() string { return fmt.Sprintf("errno %d", int(e)) }

// A Refusal is why there is no stack as a Config wants it: ENOTSUP if it lacks a knob, and EINVAL
// if the knob cannot have the value.
type Refusal struct {
	Errno  Errno
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }
