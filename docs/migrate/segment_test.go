package migrate

import (
	"gopkg.in/segmentio/analytics-go.v3"
)

func newSegment(w *wire) analytics.Client {
	client, err := analytics.NewWithConfig("write_key", analytics.Config{Transport: w})
	if err != nil {
		panic(err)
	}
	return client
}

func Example_trackSegment() {
	var w wire
	client := newSegment(&w)
	// guide: segment track
	client.Enqueue(analytics.Track{
		UserId: "u_1",
		Event:  "project_created",
		Properties: analytics.NewProperties().
			Set("project_id", "0190c8a4-1111-7222-8333-444455556666").
			Set("name", "Acme").
			Set("source", "web").
			Set("members", 3),
		Context: &analytics.Context{Extra: map[string]any{"groupId": "org_7"}},
	})
	// end
	client.Close()
	w.print()
	// Output: project_created u_1
}

func Example_identifySegment() {
	var w wire
	client := newSegment(&w)
	// guide: segment identify
	client.Enqueue(analytics.Identify{
		UserId: "u_1",
		Traits: analytics.NewTraits().SetEmail("ann@example.com").Set("plan", "pro"),
	})
	// end
	client.Close()
	w.print()
	// Output: identify u_1
}

func Example_groupSegment() {
	var w wire
	client := newSegment(&w)
	// guide: segment group
	client.Enqueue(analytics.Group{
		UserId:  "u_1",
		GroupId: "org_7",
		Traits:  analytics.NewTraits().SetName("Acme Inc").Set("seats", 5),
	})
	// end
	client.Close()
	w.print()
	// Output: group u_1
}

func Example_aliasSegment() {
	var w wire
	client := newSegment(&w)
	// guide: segment alias
	client.Enqueue(analytics.Alias{PreviousId: "anonymous_9", UserId: "u_1"})
	// end
	client.Close()
	w.print()
	// Output: alias u_1
}

func Example_pageSegment() {
	var w wire
	client := newSegment(&w)
	// guide: segment page
	client.Enqueue(analytics.Page{
		UserId:     "u_1",
		Properties: analytics.NewProperties().SetURL("https://example.com/pricing"),
	})
	// end
	client.Close()
	w.print()
	// Output: page u_1
}

func Example_closeSegment() {
	var w wire
	client := newSegment(&w)
	// guide: segment close
	client.Close()
	// end
	// Output:
}
