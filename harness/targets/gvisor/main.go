// SPDX-License-Identifier: Apache-2.0

// The network stack of gVisor as an agent of packetwright (docs/agent-protocol.md), on its standard
// input and output.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"packetwright/gvisor/agent"
)

func main() {
	// With one processor, whatever gVisor leaves to goroutines is done in one order.
	runtime.GOMAXPROCS(1)
	// Most of what a life needs is thrown away with it.
	debug.SetGCPercent(800)
	if err := agent.Serve(os.Stdin, os.Stdout, &target{}); err != nil {
		fmt.Fprintln(os.Stderr, "gvisor agent:", err)
		os.Exit(1)
	}
}
