package migrate

import (
	"testing"

	"github.com/posthog/posthog-go"
)

// guide: test before
type fakeClient struct {
	posthog.Client
	messages []posthog.Message
}

func (f *fakeClient) Enqueue(m posthog.Message) error {
	f.messages = append(f.messages, m)
	return nil
}

func TestCreateBefore(t *testing.T) {
	client := &fakeClient{}
	createBefore(client, "Acme")
	c, ok := client.messages[0].(posthog.Capture)
	if !ok || c.Event != "project_created" || c.Properties["name"] != "Acme" {
		t.Errorf("got %+v", client.messages[0])
	}
}

// end

func createBefore(client posthog.Client, name string) {
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "project_created", Properties: posthog.NewProperties().Set("name", name)})
}
