package io.lockstep.agent.store;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The real disk, with a process that can end before any one call, and a file system that may lack some. An fsync is
 * counted and not done: short of a power loss nobody can tell, and hundreds of runs would wait for the device.
 */
class FaultyCalls implements DurableCalls {
    /** The process is gone; nothing catches this. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Killed(String call) {
            super("killed before: " + call);
        }
    }

    private final List<String> calls = new ArrayList<>();
    private final Map<String, Runnable> interludes = new HashMap<>();
    private int killBefore = Integer.MAX_VALUE;
    private int refusedFrom = Integer.MAX_VALUE;
    private int refusedUntil = Integer.MAX_VALUE;
    private Errno refusal = Errno.NONE;
    private boolean hasRenameFlags = true;
    private Errno renameFault = Errno.NONE;

    /** Ends the process before the call with this index, the first being 0; a write is torn in the middle. */
    FaultyCalls killBefore(int index) {
        killBefore = index;
        return this;
    }

    /**
     * The disk answers the call with this index, the first being 0, and all after it with {@code errno}; a write half
     * done. A full disk still takes away what is there.
     */
    FaultyCalls refusingFrom(int index, Errno errno) {
        refusedFrom = index;
        refusal = errno;
        return this;
    }

    /** As {@link #refusingFrom}, for this one call only. */
    FaultyCalls refusingOnly(int index, Errno errno) {
        refusedUntil = index + 1;
        return refusingFrom(index, errno);
    }

    /** A file system such as NFS, whose renames take no flags. */
    FaultyCalls withoutRenameFlags() {
        hasRenameFlags = false;
        return this;
    }

    /** Every rename that exchanges is refused with this. */
    FaultyCalls refusingExchange(Errno errno) {
        renameFault = errno;
        return this;
    }

    /** Runs once, just before the first call whose text contains {@code part}. */
    FaultyCalls before(String part, Runnable interlude) {
        interludes.put(part, interlude);
        return this;
    }

    /** The calls so far. */
    List<String> calls() {
        return calls;
    }

    private void enter(String call) {
        if (calls.size() >= killBefore) {
            throw new Killed(call);
        }
        calls.add(call);
        for (var part : List.copyOf(interludes.keySet())) {
            var interlude = call.contains(part) ? interludes.remove(part) : null;
            if (interlude != null) {
                interlude.run();
            }
        }
    }

    /** What the disk has against the call that was entered last. */
    private Errno refusal(boolean needsSpace) {
        int index = calls.size() - 1;
        boolean applies = index >= refusedFrom && index < refusedUntil;
        return applies && (needsSpace || !refusal.equals(Errno.ENOSPC)) ? refusal : Errno.NONE;
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private Errno run(String call, Supplier<Errno> body) {
        return run(call, true, body);
    }

    private Errno run(String call, boolean needsSpace, Supplier<Errno> body) {
        enter(call);
        var refused = refusal(needsSpace);
        return refused.isNone() ? body.get() : refused;
    }

    @Override
    public Attempt<FileHandle> createFile(DirectoryHandle in, byte[] name, int mode) {
        enter("create " + text(name));
        var refused = refusal(true);
        return refused.isNone() ? in.createFile(name, mode) : new Attempt.Failed<>(refused);
    }

    @Override
    public Errno write(FileHandle file, NativeBuffer from, int length) {
        if (calls.size() == killBefore) {
            file.write(from, length / 2);
        }
        enter("write");
        var refused = refusal(true);
        if (refused.isNone()) {
            return file.write(from, length);
        }
        file.write(from, length / 2);
        return refused;
    }

    @Override
    public Errno setMode(FileHandle file, int mode) {
        return run("fchmod", () -> file.setMode(mode));
    }

    @Override
    public Errno setModificationTime(FileHandle file, long mtimeNanos) {
        return run("futimens", () -> file.setModificationTime(mtimeNanos));
    }

    @Override
    public Errno sync(FileHandle file) {
        return run("fsync file", () -> Errno.NONE);
    }

    @Override
    public Errno syncFileSystem(DirectoryHandle of) {
        return run("sync file system", () -> Errno.NONE);
    }

    @Override
    public Errno sync(DirectoryHandle directory) {
        return run("fsync directory", () -> Errno.NONE);
    }

    @Override
    public Errno makeDirectory(DirectoryHandle in, byte[] name, int mode) {
        return run("mkdir " + text(name), () -> in.makeDirectory(name, mode));
    }

    @Override
    public Errno setMode(DirectoryHandle in, byte[] name, int mode) {
        return run("chmod " + text(name), () -> in.setMode(name, mode));
    }

    @Override
    public Errno removeFile(DirectoryHandle in, byte[] name) {
        return run("unlink " + text(name), false, () -> in.removeFile(name));
    }

    @Override
    public Errno removeDirectory(DirectoryHandle in, byte[] name) {
        return run("rmdir " + text(name), false, () -> in.removeDirectory(name));
    }

    @Override
    public Errno link(DirectoryHandle from, byte[] name, DirectoryHandle to, byte[] toName) {
        return run("link " + text(name) + " " + text(toName), () -> from.link(name, to, toName));
    }

    @Override
    public Errno rename(DirectoryHandle from, byte[] name, DirectoryHandle to, byte[] toName, Existing existing) {
        return run(existing + " " + text(name) + " " + text(toName), () -> {
            if (existing != Existing.REPLACE && !hasRenameFlags) {
                return Errno.EINVAL;
            }
            if (existing == Existing.EXCHANGE && !renameFault.isNone()) {
                return renameFault;
            }
            return from.rename(name, to, toName, existing);
        });
    }
}
