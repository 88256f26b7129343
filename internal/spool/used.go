package spool

// Used reports whether a Spool may have left events at dir. A nil fsys is the operating
// system's.
func Used(fsys FS, dir string) bool {
	if fsys == nil {
		fsys = osFS{}
	}
	entries, err := fsys.ReadDir(dir)
	return err == nil && len(entries) > 0
}
