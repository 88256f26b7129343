// Package phredis shares feature flag definitions through Redis, so that of a fleet of
// processes one asks PostHog and the others read what it got.
//
//	cache := phredis.New(redis.NewClient(&redis.Options{Addr: "redis:6379"}), "phc_…")
//	client, err := ph.New(ph.Config{
//		APIKey:          "phc_…",
//		SecretKey:       os.Getenv("POSTHOG_SECRET_KEY"),
//		DefinitionCache: cache,
//	})
//
// [Cache] implements ph.DefinitionCache. Each ph.Client needs a Cache of its own; all may
// share one Redis client, which stays open when they are closed. Any server that speaks
// Redis 5 with scripts will do, single, Sentinel or Cluster.
//
// # One process fetches
//
// A lease decides: [Cache.ShouldFetch] takes it if nobody has it, and says yes while this
// process does. It is held for 15 s ([Lease]) and renewed every 5 s, whatever the client's
// interval between polls, so that the fleet elects another process 15 s after the holder
// has died. Close gives it back at once. After 5 minutes the holder gives it up as well,
// and whoever polls next takes it: so a process whose fetches fail, because its secret was
// revoked or its way out is blocked, can not keep the fleet on old definitions for long.
//
// # Never back in time
//
// Redis numbers the calls of ShouldFetch of all processes, and [Cache.Store] sends the
// number of the last one along. What a later call has led to is never overwritten by what
// an earlier one has: a process that was suspended in the midst of a fetch does no harm.
// The numbers follow the clock of the server, so they go on rising when it has lost its
// data. What it has lost is stored anew by the next process that finds nothing, or by the
// next holder of the lease.
//
// # When Redis fails
//
// Every call returns when its context ends at the latest, even if the Redis client is
// patient, and its error says what Redis said. The client then fetches itself: during an
// outage each process polls for itself, as without a cache, and flags go on working. There
// is nothing to reset afterwards.
//
// # What is in Redis
//
// Three keys that begin with "phgen:flags:{…}:", where a hash of the project key stands
// between the braces; they also keep the three in one slot of a cluster. Definitions are
// kept for 24 h ([Expiry]). Neither the project key nor the secret is stored. Definitions
// tell whom a flag is for, and who can write them decides what flags say: let only the
// fleet reach those keys, for instance with an ACL for "~phgen:flags:*" ([Prefix] puts
// something before it).
package phredis
