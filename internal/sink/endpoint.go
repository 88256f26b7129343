package sink

import (
	"net/http"
	"strings"
)

// A kind of endpoint is what it takes or gives.
type kind uint8

const (
	capture      kind = iota // events
	flagValues               // of one person
	definitions              // of all flags
	remoteConfig             // of one flag
	surveys                  // of the project
	recording                // of a session in a browser
	startUp                  // of posthog-js
)

var kinds = [...]string{"capture", "flags", "definitions", "remote config", "surveys", "recording", "start-up"}

// String returns what an [Exchange] calls the kind.
func (k kind) String() string { return kinds[k] }

// An endpoint is a path that is served.
type endpoint struct {
	kind  kind
	v1    bool  // the capture protocol with a verdict on each event
	get   bool  // takes an event in a query, too
	body  int64 // limit of a body, as sent and decompressed
	event int64 // limit of one event; 0: the body's
}

const (
	batchLimit   = 20 << 20
	singleLimit  = 2 << 20
	aiEventLimit = 8 << 20
	v1EventLimit = 1 << 20
)

// endpoints are the paths without their closing slash, which is optional.
var endpoints = map[string]endpoint{
	"/batch":                 {body: batchLimit},
	"/i/v0/ai/batch":         {body: batchLimit, event: aiEventLimit},
	"/i/v1/analytics/events": {body: batchLimit, event: v1EventLimit, v1: true},
	"/i/v0/e":                {body: singleLimit, get: true},
	"/e":                     {body: singleLimit, get: true},
	"/capture":               {body: singleLimit, get: true},
	"/track":                 {body: singleLimit, get: true},
	"/engage":                {body: singleLimit, get: true},

	"/flags":             {kind: flagValues, body: singleLimit},
	"/decide":            {kind: flagValues, body: singleLimit},
	"/flags/definitions": {kind: definitions, body: singleLimit},

	"/api/feature_flag/local_evaluation": {kind: definitions, body: singleLimit},

	"/api/surveys": {kind: surveys, body: singleLimit},

	"/s": {kind: recording, body: batchLimit},
}

func endpointOf(path string) (endpoint, bool) {
	path = strings.TrimSuffix(path, "/")
	if e, ok := endpoints[path]; ok {
		return e, true
	}
	if _, ok := configKey(path); ok {
		return endpoint{kind: remoteConfig, body: singleLimit}, true
	}
	return endpoint{kind: startUp, body: singleLimit}, isStartUp(path)
}

// methods are those that the endpoint takes.
func (e endpoint) methods() []string {
	switch {
	case e.kind == definitions, e.kind == remoteConfig, e.kind == surveys, e.kind == startUp:
		return []string{http.MethodGet}
	case e.get:
		return []string{http.MethodPost, http.MethodGet}
	}
	return []string{http.MethodPost}
}
