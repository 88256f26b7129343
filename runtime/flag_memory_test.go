package runtime

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// What PostHog was asked for all flags and did not mention is looked up while an answer that
// was on its way is remembered. The race detector sees a lookup outside the lock.
func TestFlagMemoryConcurrently(t *testing.T) {
	m := &flagMemory{}
	m.learn(remoteAnswers{byKey: map[string]flagAnswer{"on": {key: "on"}}}, true, nil, time.Time{})
	var running sync.WaitGroup
	running.Go(func() {
		for i := range 1000 {
			key := fmt.Sprint("late", i)
			m.learn(remoteAnswers{byKey: map[string]flagAnswer{key: {key: key}}}, false, nil, time.Time{})
		}
	})
	running.Go(func() {
		for range 1000 {
			if a := m.ask(nil, nil, "absent"); a.key != "absent" || a.value.Known() || a.code != codeMissing {
				t.Errorf("the answer about a flag that nobody mentioned: %+v", a)
			}
		}
	})
	running.Wait()
}
