// measure runs a command and prints what it took, as one JSON object: wall time, CPU time and peak memory by wait4, which Node has no
// way to ask. The command's stdout goes nowhere; its stderr is ours, as is its exit code.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Stderr = os.Stderr
	began := time.Now()
	err := command.Run()
	wall := time.Since(began)
	state := command.ProcessState
	if state == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(127)
	}
	usage := state.SysUsage().(*syscall.Rusage)
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"wallMillis":   wall.Seconds() * 1000,
		"cpuMillis":    (state.UserTime() + state.SystemTime()).Seconds() * 1000,
		"peakRssBytes": float64(usage.Maxrss) * 1024,
	})
	os.Exit(state.ExitCode())
}
