// Package recording lets package phtest watch a client from outside package
// runtime, without adding a testing door to the runtime's public face.
package recording

// A Recorder watches one client. Its functions are called on the capturing
// goroutine and must be safe for concurrent use; a nil one is not called.
type Recorder struct {
	// Violation takes every broken rule with the offending value as text.
	Violation func(event, path, rule, value string)

	// Event takes every accepted event: its JSON object as it goes into a
	// request. The slice is only good during the call.
	Event func(name, distinctID string, uuid [16]byte, json []byte)

	// NoSampling keeps every event.
	NoSampling bool
}

// Attach makes r watch client, a *runtime.Client that has captured nothing yet.
// Package runtime sets it when it is initialised.
var Attach func(client any, r *Recorder)
