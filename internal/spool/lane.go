package spool

import (
	"crypto/sha256"
	"encoding/hex"
)

// LaneDir names the directory of a lane of a project below the runtime's Config.SpoolDir.
// It tells projects apart by a fingerprint: the key itself is kept nowhere.
func LaneDir(apiKey, lane string) string {
	sum := sha256.Sum256([]byte(apiKey))
	return hex.EncodeToString(sum[:8]) + "-" + lane
}

// Used reports whether a Spool may have left events at dir. A nil fsys is the operating
// system's.
func Used(fsys FS, dir string) bool {
	if fsys == nil {
		fsys = osFS{}
	}
	entries, err := fsys.ReadDir(dir)
	return err == nil && len(entries) > 0
}
