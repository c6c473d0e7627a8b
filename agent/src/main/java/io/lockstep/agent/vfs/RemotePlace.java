package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.generation.ManifestCodec;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileType;

/**
 * A share's directory, call by call. Paths are relative to it; without one, the directory itself is meant. For one thread
 * at a time.
 */
final class RemotePlace {
    /** A directory with more names than a manifest may have entries is given up. */
    static final int MOST_NAMES = ManifestCodec.MAX_ENTRIES;

    private final RemoteConnection connection;

    RemotePlace(RemoteConnection connection) {
        this.connection = connection;
    }

    /** One name of a directory. */
    record Child(EntryPath name, RemoteLook look) {}

    private FileObject file(Optional<EntryPath> path) throws RemoteFailure {
        var root = connection.root();
        if (path.isEmpty()) {
            return connection.call("resolve", () -> root.getFileSystem().resolveFile(root.getName()));
        }
        return connection.call("resolve " + path.get(), () -> {
            var name = root.getName();
            for (var part : split(path.get())) {
                name = Names.child(name, connection.names().text(part));
            }
            return root.getFileSystem().resolveFile(name);
        });
    }

    private static List<byte[]> split(EntryPath path) {
        var parts = new ArrayList<byte[]>();
        for (var at = Optional.of(path); at.isPresent(); at = at.get().parent()) {
            parts.add(0, at.get().name());
        }
        return parts;
    }

    private static String step(String what, Optional<EntryPath> path) {
        return path.map(there -> what + " " + there).orElse(what + " the share's directory");
    }

    /** What is there; fails with {@code ABSENT} when the server says that nothing is. */
    RemoteLook look(Optional<EntryPath> path) throws RemoteFailure {
        var file = file(path);
        var step = step("look at", path);
        var look = connection.call(step, () -> look(file));
        return look.orElseThrow(() -> RemoteFailure.absent(step));
    }

    /**
     * The first look of a piece of work. A connection that was idle may have died meanwhile, which says nothing of the
     * server now: then another is made, and that one's answer counts.
     */
    RemoteLook begin() throws RemoteFailure {
        boolean wasOpen = connection.isOpen();
        try {
            return look(Optional.empty());
        } catch (RemoteFailure e) {
            if (wasOpen && e.kind() == RemoteFailure.Kind.UNREACHABLE) {
                return look(Optional.empty());
            }
            throw e;
        }
    }

    /** The same, with an absence as a value. */
    Optional<RemoteLook> lookIfThere(EntryPath path) throws RemoteFailure {
        try {
            return Optional.of(look(Optional.of(path)));
        } catch (RemoteFailure e) {
            if (e.isAbsent()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Optional<RemoteLook> look(FileObject file) throws Exception {
        if (file instanceof StrictSftpFile strict) {
            return Optional.of(strict.knownLook());
        }
        if ("file".equals(file.getName().getScheme())) {
            return Optional.of(lookLocally(file));
        }
        var type = file.getType();
        if (type == FileType.IMAGINARY) {
            return Optional.empty();
        }
        boolean isFile = type == FileType.FILE;
        return Optional.of(new RemoteLook(
                file.isSymbolicLink() ? EntryType.SYMLINK : isFile ? EntryType.FILE : EntryType.DIRECTORY,
                isFile ? file.getContent().getSize() : 0,
                Math.floorDiv(file.getContent().getLastModifiedTime(), 1000L),
                OptionalInt.empty()));
    }

    /** VFS asks {@code java.io.File}, which takes every error for an absence. */
    private static RemoteLook lookLocally(FileObject file) throws Exception {
        var attributes = Files.readAttributes(file.getPath(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        var type = attributes.isRegularFile()
                ? EntryType.FILE
                : attributes.isDirectory()
                        ? EntryType.DIRECTORY
                        : attributes.isSymbolicLink() ? EntryType.SYMLINK : EntryType.UNKNOWN;
        return new RemoteLook(
                type,
                type == EntryType.FILE ? attributes.size() : 0,
                Math.floorDiv(attributes.lastModifiedTime().toMillis(), 1000L),
                OptionalInt.empty());
    }

    /** The names in a directory, in no order. A name that VFS can't carry makes the whole directory unreadable. */
    List<Child> list(Optional<EntryPath> path) throws RemoteFailure {
        var directory = file(path);
        var step = step("list", path);
        var children = connection.call(step, directory::getChildren);
        if (children.length > MOST_NAMES) {
            throw RemoteFailure.refused(step, "EOVERFLOW", "it has more than " + MOST_NAMES + " names");
        }
        var found = new ArrayList<Child>(children.length);
        for (var child : children) {
            EntryPath name;
            try {
                name = EntryPath.ofBytes(connection.names().bytes(connection.call(step, () -> lastName(child))));
            } catch (CharacterCodingException | IllegalArgumentException e) {
                throw RemoteFailure.refused(step, "EILSEQ", "it has a name that is not UTF-8, or that is none");
            }
            var look = connection.call(step, () -> look(child));
            // One that went away since it was listed is absent.
            look.ifPresent(there -> found.add(new Child(name, there)));
        }
        return found;
    }

    private static String lastName(FileObject child) throws Exception {
        var path = child.getName().getPathDecoded();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    InputStream read(EntryPath path) throws RemoteFailure {
        var file = file(Optional.of(path));
        return connection.call("open " + path, () -> file.getContent().getInputStream());
    }

    /** Starts a file anew. */
    OutputStream write(EntryPath path) throws RemoteFailure {
        var file = file(Optional.of(path));
        return connection.call("write " + path, () -> file.getContent().getOutputStream());
    }

    /** A call on a stream of {@link #read} or {@link #write}. */
    <T> T stream(String step, RemoteConnection.Call<T> call) throws RemoteFailure {
        return connection.call(step, call);
    }

    void makeDirectory(EntryPath path) throws RemoteFailure {
        var file = file(Optional.of(path));
        order("make the directory " + path, () -> {
            if (file instanceof ExactFile exact) {
                exact.makeDirectory();
            } else {
                file.createFolder();
            }
        });
    }

    /** Makes a directory of the agents' own where there is none; the directory above is there. */
    void needDirectory(EntryPath path) throws RemoteFailure {
        if (lookIfThere(path).isEmpty()) {
            try {
                makeDirectory(path);
            } catch (RemoteFailure e) {
                // Another node may have made it meanwhile.
                if (!e.isOfOneEntry() || lookIfThere(path).isEmpty()) {
                    throw e;
                }
            }
        }
    }

    void removeFile(EntryPath path) throws RemoteFailure {
        var file = file(Optional.of(path));
        order("remove " + path, () -> {
            if (file instanceof ExactFile exact) {
                exact.removeFile();
            } else if (!file.delete()) {
                throw RemoteFailure.absent("remove " + path);
            }
        });
    }

    /** Removes an empty directory; the server refuses one that is not. */
    void removeDirectory(EntryPath path) throws RemoteFailure {
        var file = file(Optional.of(path));
        order("remove the directory " + path, () -> {
            if (file instanceof ExactFile exact) {
                exact.removeDirectory();
            } else if (file.getChildren().length > 0 || !file.delete()) {
                throw RemoteFailure.refused("remove the directory " + path, "ENOTEMPTY", "it is not empty");
            }
        });
    }

    /** Whether a rename replaces what has the other name, in one step. */
    boolean canReplace() throws RemoteFailure {
        var root = file(Optional.empty());
        return connection.call("ask for posix-rename", () -> root instanceof ExactFile exact && exact.canReplace());
    }

    /** Whether a file can have a second name. */
    boolean canLink() throws RemoteFailure {
        var root = file(Optional.empty());
        return connection.call("ask for hardlink", () -> root instanceof ExactFile exact && exact.canLink());
    }

    /**
     * Gives an entry another name. Where {@link #canReplace} is false, something that has that name is in the way and
     * the server refuses; VFS's own providers remove it first, so that the caller must have looked.
     */
    void rename(EntryPath from, EntryPath to) throws RemoteFailure {
        var file = file(Optional.of(from));
        var other = file(Optional.of(to));
        order("rename " + from + " to " + to, () -> {
            if (file instanceof ExactFile exact) {
                exact.renameTo(other);
            } else {
                file.moveTo(other);
            }
        });
    }

    /** Gives a file a second name; fails when something has it. Only where {@link #canLink}. */
    void link(EntryPath from, EntryPath to) throws RemoteFailure {
        var file = file(Optional.of(from));
        var other = file(Optional.of(to));
        order("link " + from + " to " + to, () -> ((ExactFile) file).linkTo(other));
    }

    /** Sets mode and time, as far as the server has them. */
    void setAttributes(EntryPath path, int mode, long mtimeSeconds) throws RemoteFailure {
        var file = file(Optional.of(path));
        order("set the time of " + path, () -> {
            if (file instanceof ExactFile exact) {
                exact.setAttributes(mode, mtimeSeconds);
            } else {
                file.getContent().setLastModifiedTime(Math.multiplyExact(mtimeSeconds, 1000L));
            }
        });
    }

    /** Sets permission bits where the server has them. */
    void setMode(EntryPath path, int mode) throws RemoteFailure {
        var file = file(Optional.of(path));
        order("set the mode of " + path, () -> {
            if (file instanceof ExactFile exact) {
                exact.setMode(mode);
            }
        });
    }

    private interface Order {
        void run() throws Exception;
    }

    private void order(String step, Order order) throws RemoteFailure {
        connection.call(step, () -> {
            order.run();
            return true;
        });
    }
}
