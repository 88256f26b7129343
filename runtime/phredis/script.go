package phredis

import (
	"context"
	"errors"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Each script is one step that Redis takes at once, or not at all.
var (
	// begin takes or renews the lease and numbers this call. The number is the time in
	// microseconds, which survives the loss of data, or one more than the last, which
	// survives a clock that was put back. As text it stays exact.
	begin = redis.NewScript(`
local held = 0
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
	held = 1
elseif redis.call('GET', KEYS[1]) == ARGV[1] then
	redis.call('PEXPIRE', KEYS[1], ARGV[2])
	held = 1
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or 0) or 0
now = string.format('%.0f', math.max(now, last + 1))
redis.call('SET', KEYS[2], now, 'PX', ARGV[3])
return {held, now}`)

	// extend renews the lease if it is still ours, and answers 0 if it is not.
	extend = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

	// release gives the lease back if it is still ours.
	release = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

	// store replaces what a fetch of the same or a lower number has left. The number 0 is
	// that of a fetch that has none: it replaces nothing.
	store = redis.NewScript(`
local last = tonumber(redis.call('HGET', KEYS[1], 'generation') or -1) or -1
local generation = tonumber(ARGV[1])
if last > generation or generation == 0 and last >= 0 then return 0 end
redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'document', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`)

	// load answers the document, nothing if there is none, or the size of one that is too
	// large.
	load = redis.NewScript(`
local size = redis.call('HSTRLEN', KEYS[1], 'document')
if size > tonumber(ARGV[1]) then return size end
return redis.call('HGET', KEYS[1], 'document')`)
)

// run runs a script unless the cache is closed.
func (c *Cache) run(ctx context.Context, s *redis.Script, keys []string, args ...any) (any, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	c.calls.Add(1) // under the lock: Close waits only after it has set closed
	c.mu.Unlock()
	defer c.calls.Done()
	return await(ctx, &c.calls, func() (any, error) { return c.eval(ctx, s, keys, args...) })
}

// eval asks Redis to run a script.
func (c *Cache) eval(ctx context.Context, s *redis.Script, keys []string, args ...any) (any, error) {
	if c.redis == nil {
		return nil, errors.New("no Redis client")
	}
	return s.Run(ctx, c.redis, keys, args...).Result()
}

// await returns what call returns, or the error of ctx as soon as that ends: unless it is
// told otherwise, a Redis client waits for its own timeouts only. Calls has the goroutine,
// which ends with the request.
func await(ctx context.Context, calls *sync.WaitGroup, call func() (any, error)) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		reply any
		err   error
	}
	done := make(chan result, 1)
	calls.Go(func() {
		reply, err := call()
		done <- result{reply, err}
	})
	select {
	case r := <-done:
		return r.reply, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait waits for calls until ctx ends. The goroutine ends with the last of them.
func wait(ctx context.Context, calls *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		calls.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
