//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package poll

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// trusted makes sure that nobody but this user, or root, wrote the file.
func trusted(info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("belongs to user %d", st.Uid)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return errors.New("everybody may write it")
	}
	return nil
}
