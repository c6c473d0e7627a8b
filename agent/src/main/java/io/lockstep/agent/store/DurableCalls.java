package io.lockstep.agent.store;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;

/**
 * Every call of this package that changes a disk, so that a test can end the process before any one of them, or let a
 * file system lack one. Each means what the handle's method of the same name says.
 */
interface DurableCalls {
    /** The operating system itself. */
    DurableCalls DIRECT = new DurableCalls() {};

    /** The operating system itself; {@code watch} hears of every call, and not only of those that change a disk. */
    static DurableCalls watchedBy(CallWatch watch) {
        return new DurableCalls() {
            @Override
            public CallWatch watch() {
                return watch;
            }
        };
    }

    /** Hears of every call of the handles that are opened. */
    default CallWatch watch() {
        return CallWatch.NONE;
    }

    default Attempt<FileHandle> createFile(DirectoryHandle in, byte[] name, int mode) {
        return in.createFile(name, mode);
    }

    default Errno write(FileHandle file, NativeBuffer from, int length) {
        return file.write(from, length);
    }

    default Errno setMode(FileHandle file, int mode) {
        return file.setMode(mode);
    }

    default Errno setModificationTime(FileHandle file, long mtimeNanos) {
        return file.setModificationTime(mtimeNanos);
    }

    default Errno sync(FileHandle file) {
        return file.sync();
    }

    default Errno sync(DirectoryHandle directory) {
        return directory.sync();
    }

    default Errno syncFileSystem(DirectoryHandle of) {
        return of.syncFileSystem();
    }

    default Errno makeDirectory(DirectoryHandle in, byte[] name, int mode) {
        return in.makeDirectory(name, mode);
    }

    default Errno setMode(DirectoryHandle in, byte[] name, int mode) {
        return in.setMode(name, mode);
    }

    default Errno removeFile(DirectoryHandle in, byte[] name) {
        return in.removeFile(name);
    }

    default Errno removeDirectory(DirectoryHandle in, byte[] name) {
        return in.removeDirectory(name);
    }

    default Errno link(DirectoryHandle from, byte[] name, DirectoryHandle to, byte[] toName) {
        return from.link(name, to, toName);
    }

    default Errno rename(
            DirectoryHandle from, byte[] name, DirectoryHandle to, byte[] toName, DirectoryHandle.Existing existing) {
        return from.rename(name, to, toName, existing);
    }
}
