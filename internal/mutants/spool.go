package main

const (
	spoolDir  = "internal/spool"
	adoptGo   = spoolDir + "/adopt.go"
	appendGo  = spoolDir + "/append.go"
	padGo     = spoolDir + "/pad.go"
	commitGo  = spoolDir + "/commit.go"
	cursorGo  = spoolDir + "/cursor.go"
	nextGo    = spoolDir + "/next.go"
	segmentGo = spoolDir + "/segment.go"
	settleGo  = spoolDir + "/settle.go"
)

var spoolMutants = []mutant{
	{
		name: "no fsync of segments", breaks: "what was synced survives a loss of power",
		file: commitGo, old: "err = errors.Join(err, g.file.Sync())", new: "_ = g.file",
	},
	{
		name: "no fsync of the directory", breaks: "what was synced survives a loss of power",
		file: commitGo, old: "err = errors.Join(err, s.fs.SyncDir(l.dir))", new: "_ = l.dir",
	},
	{
		name: "fsync is asked again after it failed", breaks: "what the system has thrown away is written again",
		file: commitGo, old: `		s.broken = true
		if e := s.rewrite(); e != nil {
			return errors.Join(err, e)
		}
`, new: "",
	},
	{
		name: "a torn record is acknowledged", breaks: "Next returns what was appended and nothing else",
		file: segmentGo, old: "if crc32.Update(seed, castagnoli, b[10:]) != le.Uint32(b[6:]) {", new: "if len(b) < minRecord {",
	},
	{
		name: "records of another log are taken", breaks: "Next returns what was appended and nothing else",
		file: segmentGo, old: "func seedOf(log uint64) uint32 { return checksum(le.AppendUint64(nil, log)) }", new: "func seedOf(uint64) uint32 { return 1 }",
	},
	{
		name: "the cursor moves past unsettled events", breaks: "what is not settled is for the next process",
		file: cursorGo, old: "min(settled.next(settled.low), end)", new: "min(settled.next(settled.low)+1, end)",
	},
	{
		name: "a damaged cursor is believed", breaks: "what is not settled is for the next process",
		file: cursorGo, old: " || le.Uint32(b[8:]) != checksum(b[12:slotHeader+16*n])", new: "",
	},
	{
		name: "the older slot of the cursor is read", breaks: "what is settled is not sent again",
		file: cursorGo, old: "s.generation > c.generation", new: "s.generation < c.generation",
	},
	{
		name: "segments with unsettled events are removed", breaks: "what is not settled is for the next process",
		file: settleGo, old: "!c.covers(g.first, min(g.limit, l.end))", new: "!c.covers(g.first, g.first+1)",
	},
	{
		name: "segments go before the cursor is durable", breaks: "a loss of power makes nothing look lost",
		file: settleGo, old: "err := s.writeCursor(l, &c, len(settled) > 0)", new: "err := s.writeCursor(l, &c, false)",
	},
	{
		name: "settled segments stay", breaks: "the disk is given back",
		file: settleGo, old: "		settled = append(settled, g)\n", new: "		settled = append(settled, g)[:0]\n",
	},
	{
		name: "the spool counts a loss twice", breaks: "an event is returned or lost, once",
		file: nextGo, old: "*count += end - n", new: "*count += 2 * (end - n)",
	},
	{
		name: "the spool does not count a loss", breaks: "an event is returned or lost, once",
		file: nextGo, old: "*count += end - n", new: "*count += 0 * (end - n)",
	},
	{
		name: "what memory holds is read back, too", breaks: "no event is sent twice without a crash",
		file: appendGo, old: "	if held {\n		l.read.addRange(first, l.end)", new: "	if !held {\n		l.read.addRange(first, l.end)",
	},
	{
		name: "half a write counts as a whole", breaks: "what Append took is on disk",
		file: padGo, old: "err != nil || n < len(b) {", new: "err != nil && n == 0 {",
	},
	{
		name: "no bound on the disk", breaks: "MaxBytes",
		file: appendGo, old: "return s.bytes+int64(s.landed+size)+headerSize > s.cfg.MaxBytes", new: "return s.bytes+int64(s.landed+size)+headerSize > 2*s.cfg.MaxBytes",
	},
	{
		name: "logs of living processes are adopted", breaks: "an event is sent by one process",
		file: adoptGo, old: "if errors.Is(err, ErrLocked) || errors.Is(err, fs.ErrNotExist) {", new: "if errors.Is(err, ErrLocked) {\n		err = nil\n	}\n	if errors.Is(err, fs.ErrNotExist) {",
	},
	{
		name: "a log is adopted before its process has locked it", breaks: "each process has a log of its own",
		file: adoptGo, old: "lock, err := s.fs.Lock(path, 0)", new: "lock, err := s.fs.Lock(path, os.O_CREATE)",
	},
	{
		name: "a log that somebody else locked is not made again", breaks: "each process has a log of its own",
		file: spoolDir + "/log.go", old: "for range maxCreations {", new: "for range 1 {",
	},
	{
		name: "a log of a later version is set aside", breaks: "what a later version wrote is left alone",
		file: adoptGo, old: "case errors.Is(err, errHeader), last", new: "case errors.Is(err, errHeader), errors.Is(err, errFuture), last",
	},
}
