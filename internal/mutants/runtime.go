package main

const (
	diskGo      = "runtime/disk.go"
	laneGo      = "runtime/lane.go"
	lifecycleGo = "runtime/lifecycle.go"
	observerGo  = "runtime/observer.go"
	statsGo     = "runtime/stats.go"
	syncGo      = "runtime/sync.go"
)

// All tests of the runtime take most of a minute, so each of these names its own.
var runtimeMutants = []mutant{
	{
		name: "a callback runs on the uploader", breaks: "a callback that blocks does not stop delivery",
		file: observerGo, old: "	queued := o.later(func() {\n		defer o.uuids.Add(-n)\n		hook(d)\n	})\n", new: "	hook(d)\n	queued := false\n",
		tests: suite{"runtime", "TestBlockedCallback|TestCallbacksCallTheClient"},
	},
	{
		name: "OnLost is not told", breaks: "every loss reaches the callback",
		file: syncGo, old: "	l.c.observe.lost(loss)\n", new: "",
		tests: suite{"runtime", "TestCloseWaitsForOnLost"},
	},
	{
		name: "Sync hides losses", breaks: "a synchronous call says what became of its event",
		file: syncGo, old: "	l.syncs.settle(slices.Values(loss.Entries), loss.Reason, loss.Err)\n", new: "	_ = slices.Values[[]int]\n",
		tests: suite{"runtime", "TestSync"},
	},
	{
		name: "protocols share a directory", breaks: "no event gets into a request of another protocol",
		file: diskGo, old: "spool.LaneDir(c.cfg.APIKey, laneNames[p])", new: "spool.LaneDir(c.cfg.APIKey, laneNames[0])",
		tests: suite{"runtime", "TestNextProcess"},
	},
	{
		name: "projects share a directory", breaks: "no event gets into another project",
		file: diskGo, old: "spool.LaneDir(c.cfg.APIKey, laneNames[p])", new: "spool.LaneDir(\"\", laneNames[p])",
		tests: suite{"runtime", "TestProjects|TestNextProcess"},
	},
	{
		name: "both events of a pair have one ticket", breaks: "each is settled on disk",
		file: diskGo, old: "es[i].Ticket = uint64(first) + uint64(i)", new: "es[i].Ticket = uint64(first)",
		tests: suite{"runtime", "TestCloseLeaves|TestNextProcess"},
	},
	{
		name: "SpoolSync is ignored", breaks: "SyncEach survives a loss of power",
		file: diskGo, old: "syncs[c.cfg.SpoolSync],", new: "spool.Never,",
		tests: suite{"runtime", "TestSpool"},
	},
	{
		name: "the disk closes before the queue", breaks: "what Close delivered is not sent by the next process",
		file: lifecycleGo, old: "		err := l.queue.Close(ctx)\n", new: "		l.disk.close()\n		err := l.queue.Close(ctx)\n",
		tests: suite{"runtime", "TestCloseLeaves|TestNextProcess"},
	},
	{
		name: "Stats forgets the disk", breaks: "accepted = sent + lost + what waits",
		file: statsGo, old: "		s.Spooled += q.Spooled\n", new: "",
		tests: suite{"runtime", "TestNextProcess"},
	},
	{
		name: "lanes close one after the other", breaks: "an endpoint that fails holds up no other",
		file: laneGo, old: "		running.Go(func() { errs[i] = f(l) })", new: "		errs[i] = f(l)",
		tests: suite{"runtime", "TestLanes|TestCloseOfOneLane"},
	},
}
