package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progressAfter is how long work may take before a terminal says what is going on.
const progressAfter = time.Second

// progress says on a terminal what takes so long, beginning after a second, until
// stop is called; stop takes the line away and may be called again. Where w is no
// terminal, or one whose user wants plain text, nothing is ever written.
//
// Nothing else may be written to the terminal before stop.
func progress(w io.Writer, what string) (stop func()) {
	if !wantsColour(w) {
		return func() {}
	}
	return showProgress(w, what)
}

// eraseLine goes back to the start of the line and clears it.
const eraseLine = "\r\x1b[K"

func showProgress(w io.Writer, what string) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() { // until stop
		start := time.Now()
		tick := time.NewTicker(progressAfter)
		defer tick.Stop()
		shown := false
		for {
			select {
			case <-done:
				if shown {
					fmt.Fprint(w, eraseLine)
				}
				return
			case <-tick.C:
				shown = true
				fmt.Fprintf(w, "%sphgen: %s (%d s)", eraseLine, printable(what), time.Since(start)/time.Second)
			}
		}
	})
	return sync.OnceFunc(func() {
		close(done)
		ended.Wait()
	})
}
