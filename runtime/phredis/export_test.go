package phredis

import "time"

// Hasty makes a cache's lease and tenure too short for anything but a test.
func Hasty(lease, tenure time.Duration) Option {
	return func(c *Cache) { c.lease, c.tenure = lease, tenure }
}

// Limit bounds documents to n bytes.
func Limit(n int) Option { return func(c *Cache) { c.limit = n } }

// The names of what c stores.
func (c *Cache) LeaseKey() string       { return c.keys.lease }
func (c *Cache) ClockKey() string       { return c.keys.clock }
func (c *Cache) DefinitionsKey() string { return c.keys.definitions }
