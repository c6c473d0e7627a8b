package io.lockstep.agent.store;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.FileSystemSpace;
import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An open directory that knows its place, so that a failure can name it. Like the handle it stands on, it takes names of
 * entries directly in it and follows no link. For one thread.
 */
final class OpenDirectory implements AutoCloseable {
    private final DurableCalls calls;
    private final DirectoryHandle handle;
    private final String place;

    private OpenDirectory(DurableCalls calls, DirectoryHandle handle, String place) {
        this.calls = calls;
        this.handle = handle;
        this.place = place;
    }

    /** The directory at a configured path, whose own links are the configuration's business. */
    static OpenDirectory open(DurableCalls calls, Path path) throws DiskException {
        var handle = require("open", path.toString(), DirectoryHandle.open(path, calls.watch()));
        return new OpenDirectory(calls, handle, path.toString());
    }

    /** As {@link #open}; empty when there is nothing. */
    static Optional<OpenDirectory> openIfThere(DurableCalls calls, Path path) throws DiskException {
        try {
            return Optional.of(open(calls, path));
        } catch (DiskException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** As {@link #open}, making what is missing of the path, for the agent's own eyes only. */
    static OpenDirectory openOrMake(DurableCalls calls, Path path) throws DiskException {
        var there = openIfThere(calls, path);
        var parent = path.toAbsolutePath().getParent();
        if (there.isPresent() || parent == null) {
            return there.orElseThrow();
        }
        try (var above = openOrMake(calls, parent)) {
            above.makeDirectoryDurably(bytesOf(path.getFileName().toString()));
        }
        return open(calls, path);
    }

    /** The bytes of one of the agent's own names. */
    static byte[] bytesOf(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T require(String action, String place, Attempt<T> attempt) throws DiskException {
        if (attempt instanceof Attempt.Done<T> done) {
            return done.value();
        }
        throw new DiskException(action, place, ((Attempt.Failed<T>) attempt).errno());
    }

    private static void require(String action, String place, Errno errno) throws DiskException {
        if (!errno.isNone()) {
            throw new DiskException(action, place, errno);
        }
    }

    String place() {
        return place;
    }

    String placeOf(byte[] name) {
        return place + "/" + EntryPath.ofBytes(name);
    }

    /** The directory called {@code name} in this one; {@code ENOTDIR} or {@code ELOOP} when that is something else. */
    OpenDirectory openDirectory(byte[] name) throws DiskException {
        return new OpenDirectory(calls, require("open", placeOf(name), handle.openDirectory(name)), placeOf(name));
    }

    /** The directory at {@code below}, each component opened without following a link. */
    OpenDirectory openDirectory(EntryPath below) throws DiskException {
        var belowPlace = place + "/" + below;
        return new OpenDirectory(calls, require("open", belowPlace, handle.openDirectory(below)), belowPlace);
    }

    OpenFile openFile(byte[] name) throws DiskException {
        return new OpenFile(calls, require("open", placeOf(name), handle.openFile(name)), placeOf(name));
    }

    /** A new file that only the agent's user may read until its mode is set. */
    OpenFile createFile(byte[] name) throws DiskException {
        FileHandle file = require("create", placeOf(name), calls.createFile(handle, name, 0600));
        return new OpenFile(calls, file, placeOf(name));
    }

    /** Makes a file with this content, durable but for its name. */
    void writeFile(byte[] name, byte[] content) throws DiskException {
        try (var file = createFile(name)) {
            file.write(content);
            file.sync();
        }
    }

    /** Gives {@code name} this content, in one step that a crash can't tear, by way of {@code name.part}. */
    void replaceFile(String name, byte[] content) throws DiskException {
        var part = bytesOf(name + ".part");
        removeFileIfThere(part);
        writeFile(part, content);
        rename(part, this, bytesOf(name));
        sync();
    }

    /** What stands under {@code name}; empty when nothing does. */
    Optional<EntryLook> look(byte[] name) throws DiskException {
        try (var stat = new StatBuffer()) {
            int error = handle.stat(name, stat);
            if (error < 0 && new Errno(-error).equals(Errno.ENOENT)) {
                return Optional.empty();
            }
            if (error < 0) {
                throw new DiskException("stat", placeOf(name), new Errno(-error));
            }
            return Optional.of(EntryLook.of(stat));
        }
    }

    /** What this directory itself looks like. */
    EntryLook look() throws DiskException {
        try (var stat = new StatBuffer()) {
            int error = handle.stat(stat);
            if (error < 0) {
                throw new DiskException("stat", place, new Errno(-error));
            }
            return EntryLook.of(stat);
        }
    }

    /** What the file system has left. */
    FileSystemSpace space() throws DiskException {
        return require("ask for the space of", place, handle.space());
    }

    /** Every name, in no order. Only once for one handle. */
    List<byte[]> names() throws DiskException {
        var names = new ArrayList<byte[]>();
        eachName(names::add);
        return names;
    }

    /** Takes a name; may remove it from the directory that is being read. */
    interface NameAction {
        void accept(byte[] name) throws DiskException;
    }

    /** Calls {@code action} for every name without holding them all. Only once for one handle. */
    void eachName(NameAction action) throws DiskException {
        try (var buffer = new NameBuffer()) {
            int got = handle.readNames(buffer);
            while (got > 0) {
                while (buffer.next()) {
                    action.accept(buffer.name());
                }
                got = handle.readNames(buffer);
            }
            if (got < 0) {
                throw new DiskException("read the names of", place, new Errno(-got));
            }
        }
    }

    /** Makes a directory that is durable, for the agent's own eyes only; one that is there already is fine. */
    void makeDirectoryDurably(byte[] name) throws DiskException {
        var errno = calls.makeDirectory(handle, name, 0700);
        if (!errno.equals(Errno.EEXIST)) {
            require("make the directory", placeOf(name), errno);
            sync();
        }
    }

    Errno tryMakeDirectory(byte[] name, int mode) {
        return calls.makeDirectory(handle, name, mode);
    }

    Errno trySetDirectoryMode(byte[] name, int mode) {
        return calls.setMode(handle, name, mode);
    }

    void removeFile(byte[] name) throws DiskException {
        require("remove", placeOf(name), calls.removeFile(handle, name));
    }

    void removeFileIfThere(byte[] name) throws DiskException {
        var errno = calls.removeFile(handle, name);
        if (!errno.equals(Errno.ENOENT)) {
            require("remove", placeOf(name), errno);
        }
    }

    Errno tryRemoveFile(byte[] name) {
        return calls.removeFile(handle, name);
    }

    Errno tryRemoveDirectory(byte[] name) {
        return calls.removeDirectory(handle, name);
    }

    Errno tryLink(byte[] name, OpenDirectory to, byte[] toName) {
        return calls.link(handle, name, to.handle, toName);
    }

    Errno tryRename(byte[] name, OpenDirectory to, byte[] toName, Existing existing) {
        return calls.rename(handle, name, to.handle, toName, existing);
    }

    void rename(byte[] name, OpenDirectory to, byte[] toName) throws DiskException {
        require("rename", placeOf(name), tryRename(name, to, toName, Existing.REPLACE));
    }

    /** Makes everything durable that was written to this file system. */
    void syncFileSystem() throws DiskException {
        require("sync the file system of", place, calls.syncFileSystem(handle));
    }

    void sync() throws DiskException {
        require("fsync", place, calls.sync(handle));
    }

    /** The digest of the file called {@code name}; empty when no file is there, or it can't be read. */
    Optional<Digest> digestOf(byte[] name) throws DiskException {
        var look = look(name);
        if (look.isEmpty() || look.get().type() != EntryType.FILE) {
            return Optional.empty();
        }
        try (var file = openFile(name)) {
            return file.look().isFile() ? Optional.of(file.digest()) : Optional.empty();
        } catch (DiskException unreadable) {
            // An unknown content is no known one: the caller preserves it as somebody's, by a rename.
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
