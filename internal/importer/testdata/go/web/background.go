package web

import (
	"fmt"

	"github.com/posthog/posthog-go"
)

func background() {
	client.Enqueue(posthog.Capture{DistinctId: fmt.Sprint("u", 1), Event: "page served", Properties: posthog.Properties{"path": "/", "bytes": -1}})
	client.Enqueue(posthog.Alias{DistinctId: "a", Alias: "b"})
}
