// Package surveys lets package phsurvey load the definitions of surveys over a client's
// connections, without adding a method for it to the runtime's public face.
package surveys

import "context"

// Fetch loads PostHog's document of surveys for client, a *runtime.Client, which may be
// nil. It gives up when ctx or the client ends. Package runtime sets it when it is
// initialised.
var Fetch func(ctx context.Context, client any) ([]byte, error)
