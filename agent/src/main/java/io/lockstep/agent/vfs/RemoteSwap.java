package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives names on a server: what lies beside the tree gets its final name, what has it comes out. Three kinds of server:
 *
 * <ul>
 *   <li>One that renames over a name in one step ({@code posix-rename@openssh.com}) and knows second names
 *       ({@code hardlink@openssh.com}), such as OpenSSH: the old file gets a second name beside the tree, the new one
 *       takes the first. A name is never without its file, and what was taken out is still there to be looked at. What
 *       somebody renames into place between these two calls is lost.
 *   <li>One that only renames over: the same, without the second look.
 *   <li>One that does neither: the old file is renamed away and the new one into place. For that moment the name is
 *       absent, and a crash there leaves it absent until the next run, which puts the old file back; nothing is lost.
 * </ul>
 *
 * The temporaries of step n are {@code <node>.n.new} and {@code <node>.n.old} in {@code .lockstep/tmp}; no Gateway
 * deploys such a name. A journal there says which path each belongs to.
 */
final class RemoteSwap {
    private static final String JOURNAL_HEAD = "lockstep-remote-journal 1";
    private static final int MAX_JOURNAL_BYTES = 64 * 1024 * 1024;

    private final RemotePlace place;
    private final RemoteDot dot;
    private final String node;
    private boolean replaces;
    private boolean links;

    RemoteSwap(RemotePlace place, RemoteDot dot, String node) {
        this.place = place;
        this.dot = dot;
        this.node = node;
    }

    /** Keeps what lies at a temporary name and belonged to a path. */
    interface Keep {
        void keep(EntryPath path, EntryPath out) throws RemoteFailure, LocalFailure;
    }

    /** Looks at what came out. */
    interface Inspect {
        void inspect(EntryPath out) throws RemoteFailure, LocalFailure;
    }

    private EntryPath tmp(String name) {
        return dot.tmp().resolve(EntryPath.of(node + "." + name));
    }

    EntryPath fresh(int number) {
        return tmp(number + ".new");
    }

    private EntryPath old(int number) {
        return tmp(number + ".old");
    }

    private EntryPath journal() {
        return tmp("journal");
    }

    /** Learns what the server can do, and puts away what an earlier run of this node has left. */
    void begin(Keep keep) throws RemoteFailure, LocalFailure {
        place.needDirectory(dot.directory());
        place.needDirectory(dot.tmp());
        for (var directory : List.of(dot.directory(), dot.tmp())) {
            if (!place.look(Optional.of(directory)).isDirectory()) {
                throw RemoteFailure.refused("use " + directory, "ENOTDIR", "it is a link, or no directory");
            }
        }
        replaces = place.canReplace();
        links = place.canLink();
        var left = new ArrayList<String>();
        for (var child : place.list(Optional.of(dot.tmp()))) {
            var name = new String(child.name().bytes(), StandardCharsets.ISO_8859_1);
            if (name.startsWith(node + ".")) {
                left.add(name.substring(node.length() + 1));
            }
        }
        if (!left.isEmpty()) {
            drain(left, keep);
        }
    }

    private void drain(List<String> left, Keep keep) throws RemoteFailure, LocalFailure {
        var paths = readJournal();
        for (var name : left) {
            if (name.endsWith(".old")) {
                drainOld(name, paths, keep);
            } else if (name.endsWith(".new")) {
                // The agent's own copy, torn or whole, or a second name of what is in the tree.
                place.removeFile(tmp(name));
            }
        }
        if (left.contains("journal")) {
            place.removeFile(journal());
        }
    }

    private void drainOld(String name, List<EntryPath> paths, Keep keep) throws RemoteFailure, LocalFailure {
        var out = tmp(name);
        int number = numberOf(name);
        if (number < 0 || number >= paths.size()) {
            // Nobody knows where it was; it is kept under the name that it has.
            keep.keep(out, out);
            place.removeFile(out);
            return;
        }
        var path = paths.get(number);
        if (!replaces && place.lookIfThere(path).isEmpty() && putBack(out, path)) {
            return;
        }
        keep.keep(path, out);
        place.removeFile(out);
    }

    private static int numberOf(String name) {
        try {
            return Integer.parseInt(name.substring(0, name.indexOf('.')));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private List<EntryPath> readJournal() throws RemoteFailure {
        try {
            var look = place.look(Optional.of(journal()));
            if (look.sizeBytes() > MAX_JOURNAL_BYTES) {
                return List.of();
            }
            var text = new String(RemoteContent.read(place, journal(), (int) look.sizeBytes()), StandardCharsets.UTF_8);
            var lines = text.lines().toList();
            if (lines.isEmpty() || !lines.get(0).equals(JOURNAL_HEAD)) {
                return List.of();
            }
            return lines.stream().skip(1).map(EntryPath::parse).toList();
        } catch (RemoteFailure e) {
            if (e.isOfOneEntry()) {
                return List.of();
            }
            throw e;
        } catch (IllegalArgumentException torn) {
            // It is written before anything is taken out, so that a torn one has nothing to tell.
            return List.of();
        }
    }

    /** Says which path each step is about. */
    void writeJournal(List<EntryPath> paths) throws RemoteFailure {
        var text = new StringBuilder(JOURNAL_HEAD).append('\n');
        paths.forEach(path -> text.append(path).append('\n'));
        RemoteContent.write(place, journal(), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    void removeJournal() throws RemoteFailure {
        place.removeFile(journal());
    }

    /**
     * Gives {@link #fresh} its final name.
     *
     * @param expected what has the name; empty when nothing may have it
     * @param inspect is called for what came out when that is something else than expected
     * @return false when something else has the name, and nothing was changed
     */
    boolean in(int number, EntryPath path, Optional<RemoteLook> expected, Inspect inspect)
            throws RemoteFailure, LocalFailure {
        var fresh = fresh(number);
        var now = place.lookIfThere(path);
        boolean isExpected =
                expected.isPresent() ? now.filter(expected.get()::isSameFile).isPresent() : now.isEmpty();
        if (!isExpected) {
            place.removeFile(fresh);
            return false;
        }
        if (expected.isEmpty()) {
            return place(fresh, path);
        }
        var old = old(number);
        if (replaces && links) {
            place.link(path, old);
            place.rename(fresh, path);
        } else if (replaces) {
            place.rename(fresh, path);
            return true;
        } else {
            renameAside(fresh, path, old);
        }
        if (!place.look(Optional.of(old)).isSameFile(expected.get())) {
            inspect.inspect(old);
        }
        place.removeFile(old);
        return true;
    }

    private void renameAside(EntryPath fresh, EntryPath path, EntryPath old) throws RemoteFailure {
        place.rename(path, old);
        try {
            place.rename(fresh, path);
        } catch (RemoteFailure e) {
            if (e.isOfOneEntry()) {
                putBack(old, path);
            }
            throw e;
        }
    }

    /** Where the server has second names, it refuses when something took the name meanwhile. */
    private boolean place(EntryPath fresh, EntryPath path) throws RemoteFailure {
        if (!links) {
            place.rename(fresh, path);
            return true;
        }
        try {
            place.link(fresh, path);
        } catch (RemoteFailure e) {
            boolean isTaken = e.isOfOneEntry() && place.lookIfThere(path).isPresent();
            place.removeFile(fresh);
            if (isTaken) {
                return false;
            }
            throw e;
        }
        place.removeFile(fresh);
        return true;
    }

    /** Takes what has a name out of the tree; returns where it is. */
    EntryPath out(int number, EntryPath path) throws RemoteFailure {
        place.rename(path, old(number));
        return old(number);
    }

    /** Gives what came out its name again, unless something has it; then it stays out. */
    boolean putBack(EntryPath out, EntryPath path) throws RemoteFailure {
        if (place.lookIfThere(path).isPresent()) {
            return false;
        }
        if (!links) {
            place.rename(out, path);
            return true;
        }
        try {
            place.link(out, path);
        } catch (RemoteFailure e) {
            if (e.isOfOneEntry()) {
                return false;
            }
            throw e;
        }
        place.removeFile(out);
        return true;
    }
}
