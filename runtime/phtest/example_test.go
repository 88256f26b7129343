package phtest_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// A Shop is the product under test. PostHog being down is not its customers'
// problem, and no order may be missing in the numbers afterwards.
type Shop struct{ analytics *ph.Client }

func (s *Shop) Order(customer string, total float64) {
	ctx := ph.With(context.Background(), ph.UseClient(s.analytics), ph.User(customer))
	ph.Capture(ctx, "order placed", ph.Props{"total": total})
}

func testShopSurvivesAnOutage(t testing.TB) {
	server := phtest.NewServer(t)
	client, err := ph.New(ph.Config{APIKey: "phc_test", Host: server.URL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	shop := &Shop{analytics: client}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	server.Reply(0, phtest.Cut(5)) // a reply gets lost on its way, so that its event comes twice
	shop.Order("ann", 12.5)
	if err := client.Flush(ctx); err != nil {
		t.Error(err)
	}
	server.Down(503)
	shop.Order("bob", 20)
	shop.Order("cleo", 7.25)
	impatient, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := client.Flush(impatient); err == nil {
		t.Error("a flush succeeded during the outage")
	}
	server.Up()
	if err := client.Close(ctx); err != nil {
		t.Error(err)
	}

	totals := map[string]float64{}
	for _, event := range server.Events() {
		total, _ := event.Value("total")
		totals[event.DistinctID()] = total.Float()
	}
	fmt.Println("orders:", totals)
	fmt.Println("events:", len(server.Events()), "lost:", client.Stats().Lost)
}

// A product that survives an outage of PostHog, and the test that shows it. In a
// test file of yours it is func TestShopSurvivesAnOutage(t *testing.T).
func Example_outage() {
	run(testShopSurvivesAnOutage)
	// Output:
	// orders: map[ann:12.5 bob:20 cleo:7.25]
	// events: 4 lost: 0
}

// run runs a test in an example, where there is no testing.T.
func run(test func(testing.TB)) {
	t := &exampleTB{}
	defer func() {
		for i := len(t.cleanups) - 1; i >= 0; i-- {
			t.cleanups[i]()
		}
	}()
	test(t)
}

type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (t *exampleTB) Helper()                  {}
func (t *exampleTB) Context() context.Context { return context.Background() }
func (t *exampleTB) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *exampleTB) Error(args ...any)        { fmt.Println(args...) }
