package phredis_test

import (
	"context"
	"log"
	"os"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phredis"
	"github.com/redis/go-redis/v9"
)

// Each process of a fleet does this. One of them asks PostHog for the definitions of its
// flags, and all evaluate by them.
func Example() {
	const apiKey = "phc_…"
	store := redis.NewClient(&redis.Options{Addr: "redis.internal:6379"})
	defer store.Close()

	client, err := ph.New(ph.Config{
		APIKey:          apiKey,
		SecretKey:       os.Getenv("POSTHOG_SECRET_KEY"), // not in Redis; without it this process only reads
		DefinitionCache: phredis.New(store, apiKey),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(context.Background()) // gives the lease back, before the connection closes

	ctx := ph.With(context.Background(), ph.User("u_1"))
	if v, ok := client.Flag(ctx, "new-checkout"); ok && v.On() {
		log.Print("the new checkout")
	}
}

// A fleet in one of several environments that share a Redis server, where a holder that
// dies is to be replaced within five seconds.
func ExampleNew() {
	store := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"redis-1:6379", "redis-2:6379"}})
	cache := phredis.New(store, "phc_…",
		phredis.Prefix("staging:"),
		phredis.Lease(5*time.Second),
		phredis.Expiry(time.Hour),
	)
	_ = ph.Config{APIKey: "phc_…", SecretKey: "phs_…", DefinitionCache: cache}
}
