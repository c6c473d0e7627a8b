package io.lockstep.agent.vfs;

import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.jcraft.jsch.JSch;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.StampTable;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.apache.commons.io.function.IORunnable;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.logging.LogFactory;
import org.apache.commons.vfs2.FileSystemManager;
import org.slf4j.LoggerFactory;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * One tree on a server: scanned, read and written. One connection, kept between calls; for one thread at a time.
 */
public final class RemoteTree implements AutoCloseable {
    /** Where the protocol tells no permission bits, everybody may read, as on most shares. */
    static final int DEFAULT_FILE_MODE = 0644;

    static final int DEFAULT_DIRECTORY_MODE = 0755;

    private final RemoteSettings settings;
    private final RemoteDot dot;
    private final RemoteConnection connection;
    private final RemotePlace place;

    /** Connects to nothing yet. */
    public RemoteTree(RemoteSettings settings, RemoteDot dot, InstantSource clock, RemoteWatch watch) {
        this.settings = settings;
        this.dot = dot;
        connection = new RemoteConnection(settings, clock, watch);
        place = new RemotePlace(connection);
    }

    /** Looks at the directory and its marker: what is scanned or written next is the right share. */
    public TreeSight glance() {
        return new RemoteProbe(settings, dot, connection).glance();
    }

    /** What an earlier scan found, and when it started by the server's clock, in ns since 1970. */
    public record Known(StampTable table, long scanStartNanos) {
        /** There was none. */
        public static final Known NOTHING = new Known(StampTable.of(List.of()), 0);
    }

    /** Hears what a scan finds. */
    public interface Report {
        /** So much was done since the last call. */
        void progress(long entries, long bytes);

        /** A finding that the earlier scan had not. */
        void found(Finding finding);
    }

    /** What came of a scan. */
    public sealed interface Scan {
        /**
         * Every directory was listed, or was reported as unreadable.
         *
         * @param startNanos when it started, by the server's clock
         * @param kept by index, those of the earlier scan's findings that still hold
         */
        record Scanned(long startNanos, BitSet kept, int hashedFiles, long hashedBytes) implements Scan {}

        /** Nothing is known of the tree. */
        record Failed(Reason reason, String detail) implements Scan {}
    }

    /**
     * Scans the tree.
     *
     * @param known what an earlier scan of it found, whose digests are reused where provably fresh
     * @param everyDigest whether to reuse none
     */
    public Scan scan(TreeFilter filter, Known known, boolean everyDigest, Duration racyWindow, Report report) {
        try {
            place.begin();
            var clock = RemoteScan.serverNanos(place, dot.beacons());
            return new RemoteScan(place, filter, known, everyDigest, clock, racyWindow, report).run();
        } catch (RemoteFailure e) {
            return new Scan.Failed(e.reason(), "tree " + settings.tree() + ": " + e.detail());
        }
    }

    /** What came of fetching a file. */
    public sealed interface Fetch {
        /** It is in the target, whose bytes have this digest. */
        record Fetched(Digest digest) implements Fetch {}

        /** Nothing is there, or something that is no file. */
        record Changed(String detail) implements Fetch {}

        /** It can't be told what is there; the target may hold anything. */
        record Unreadable(Reason reason, String detail) implements Fetch {}

        /** This node's disk refused. */
        record NoRoom(String detail) implements Fetch {}
    }

    /**
     * Copies one file's content into a new local file.
     *
     * @param target is made, or written over
     */
    public Fetch fetch(EntryPath path, Path target) {
        try {
            var look = place.look(Optional.of(path));
            return look.isFile()
                    ? new Fetch.Fetched(fetch(place, path, look, target))
                    : new Fetch.Changed(path + " is no file any more");
        } catch (RemoteFailure e) {
            return e.isAbsent()
                    ? new Fetch.Changed(path + " is not there any more")
                    : new Fetch.Unreadable(e.reason(), e.detail());
        } catch (LocalFailure e) {
            return new Fetch.NoRoom(e.detail());
        }
    }

    static Digest fetch(RemotePlace place, EntryPath path, RemoteLook look, Path target)
            throws RemoteFailure, LocalFailure {
        try (var out = Files.newOutputStream(target)) {
            return RemoteContent.readAll(place, path, look, (bytes, length) -> out.write(bytes, 0, length), read -> {});
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
    }

    /** What was done, step by step. */
    public record Written(List<RemoteStep> steps, Optional<String> stopped) {
        public Written {
            steps = List.copyOf(steps);
        }
    }

    /**
     * Does {@code orders} one after the other, having put away first what a crash may have left of an earlier run.
     *
     * @param node who writes; two nodes' temporary files never meet
     * @param scratch an existing local directory for what has to be looked at
     */
    public Written write(List<RemoteOrder> orders, String node, Path scratch, RemoteKeeper keeper) {
        var writer = new RemoteWriter(place, dot, node, scratch, keeper);
        try {
            place.begin();
            writer.run(orders);
            return new Written(writer.steps(), Optional.empty());
        } catch (RemoteFailure e) {
            return new Written(writer.steps(), Optional.of(e.detail()));
        } catch (LocalFailure e) {
            return new Written(writer.steps(), Optional.of(e.detail()));
        }
    }

    /** Writes the marker durably as far as a server can be told to; one that is there is left as it is. */
    public Marking mark(String text) {
        try {
            if (!place.begin().isDirectory()) {
                return new Marking.Refused(settings.uri() + " is no directory");
            }
            if (place.lookIfThere(dot.marker()).isPresent()) {
                return new Marking.IsThere();
            }
            place.needDirectory(dot.directory());
            var part = EntryPath.of(dot.marker() + ".new");
            RemoteContent.write(place, part, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            place.setMode(part, DEFAULT_FILE_MODE);
            place.rename(part, dot.marker());
            return new Marking.Marked();
        } catch (RemoteFailure e) {
            return new Marking.Refused(e.detail());
        }
    }

    /** What came of marking. */
    public sealed interface Marking {
        record Marked() implements Marking {}

        /** There is a marker, of whatever cluster. */
        record IsThere() implements Marking {}

        record Refused(String detail) implements Marking {}
    }

    /** One class of each library that a process needs for this. */
    public static List<Class<?>> libraries() {
        return List.of(
                FileSystemManager.class,
                JSch.class,
                LogFactory.class,
                LoggerFactory.class,
                StringUtils.class,
                IORunnable.class,
                YAMLFactory.class,
                LoaderOptions.class);
    }

    @Override
    public void close() {
        connection.close();
    }
}
