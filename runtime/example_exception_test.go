package runtime_test

import (
	"context"
	"errors"
	"fmt"

	ph "github.com/phgen/phgen/runtime"
)

// A job runs in a scope of its own. The error it ends with is captured once, although the job has
// captured it already where it knew more about it.
func ExampleRun() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := ph.With(context.Background(), ph.UseClient(client))

	err = ph.Run(ctx, func(ctx context.Context) error {
		err := errors.New("printer is out of paper")
		ph.CaptureException(ctx, err, ph.Level(ph.LevelWarning), ph.WithProps(ph.Props{"printer": 3}))
		return fmt.Errorf("printing invoices: %w", err)
	}, ph.User("u_1"), ph.Tag("job", "invoices"))

	fmt.Println("the job ended with:", err)
	if err := client.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the job ended with: printing invoices: printer is out of paper
	// received "$exception" of u_1
}

// A panic is captured and delivered before it goes on.
func ExampleRecover() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"))

	func() {
		defer func() { fmt.Println("the program panics with:", recover()) }()
		defer ph.Recover(ctx)
		panic("printer is on fire")
	}()

	if err := client.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// received "$exception" of u_1
	// the program panics with: printer is on fire
}
