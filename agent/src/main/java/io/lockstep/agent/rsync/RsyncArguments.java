package io.lockstep.agent.rsync;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The two argument lists of a transfer. Each side builds its own from here; none travels, so that a peer can't choose
 * one.
 *
 * <p>An rsync client normally hands its options to the server's command line; here that line is dropped and the server
 * uses {@link #serve}. Both must then agree on every option that shapes the stream, or the transfer breaks with a
 * protocol error:
 *
 * <ul>
 *   <li>{@code -tp}, and no {@code -o -g -l -D -H -A -X -U -c}: they add fields to the file list.
 *   <li>{@code --files-from}: implies {@code --relative --dirs} on both sides. The client's {@code :NAME} says that the
 *       list is the server's, so that the client sends none; the name itself never leaves the client.
 *   <li>No {@code -r}: so no incremental recursion, whose capability letter {@code i} is therefore absent below.
 *   <li>No {@code -z}: the connection's peers are near, and the byte limit counts what arrives.
 *   <li>{@code -e.LsfxCIvu}: what the client can do. The server reads these letters from its own command line and
 *       announces the result in the stream, so a fixed string is sound when every client knows them all; every rsync
 *       since 3.2.0 does, and {@link RsyncVersion#OLDEST} is later. {@code v} lets the two choose the checksum
 *       (xxh128, else md5) inside the stream without a further round trip. It guards the transfer only; what
 *       proves a file is its SHA-256 afterwards.
 *   <li>No secluded arguments ({@code -s}): the client would send an argument list as the first bytes of the stream.
 * </ul>
 *
 * <p>Source: rsync(1) 3.5.0; {@code server_options()} in options.c and {@code setup_protocol()} in compat.c.
 */
final class RsyncArguments {
    /** How much memory a process of a transfer may map: what a peer sends can't make it take more. */
    static final long MOST_MEMORY_KIB = 512 << 10;

    /** The block that a shell's {@code ulimit -f} counts in (POSIX, XCU ulimit). */
    private static final int LIMIT_BLOCK_BYTES = 512;

    /**
     * rsync's remote shell: joins its standard streams with descriptors 3 and 4. rsync waits for this shell at its end,
     * and closes the pipe to it only later; so the shell waits for the peer's end alone, and then ends the other
     * direction, in which nothing of worth can be left. The messages of the two cats say only that a pipe closed.
     * The background cat reads from descriptor 5 because a shell gives background commands an empty standard input.
     */
    static final String JOIN_STREAM =
            "exec 5<&0 2>/dev/null; cat <&5 >&4 3<&- 4>&- 5<&- & " + "cat <&3 3<&- 4>&- 5<&-; kill $!; wait; exit 0";

    private RsyncArguments() {}

    /**
     * Lowers what the process may take, gives the stream to descriptors 3 and 4, and becomes rsync. The process's
     * standard streams carry nothing but the rsync protocol then; what the client prints goes to standard error.
     *
     * <p>A peer names a block of the basis with a few bytes, so that only the limit on files bounds what it can have
     * written to the disk. A limit that is lower already stays, and the shell's complaint about it is of no use.
     *
     * @param largestBytes the size of the largest file; one that would become larger is refused with EFBIG
     */
    static String keepStream(long largestBytes) {
        long blocks = largestBytes / LIMIT_BLOCK_BYTES + 1;
        return "{ ulimit -v " + MOST_MEMORY_KIB + "; ulimit -f " + blocks + "; } 2>/dev/null; "
                + "exec 3<&0 4>&1 1>&2 </dev/null; exec \"$@\"";
    }

    /** The puller's command for whole files; its working directory is the staging directory. */
    static List<String> pull(String rsync, long largestBytes, TransferLimits limits) {
        // Without a basis there is nothing to compare with.
        return pull(rsync, largestBytes, limits, List.of("--whole-file"));
    }

    /**
     * The puller's command for one file that goes on from what there is of it; its working directory is empty.
     *
     * @param basis a directory that has, at the file's path, what blocks may be taken from; or nothing there
     */
    static List<String> resume(String rsync, long largestBytes, Path basis, TransferLimits limits) {
        return pull(
                rsync,
                largestBytes,
                limits,
                List.of(
                        "--no-whole-file",
                        // What arrives lies at its own name whatever ends the transfer, SIGKILL too. The basis is
                        // another file, so that no block of it is overwritten before it is used.
                        "--inplace",
                        // An absolute path: rsync 3.4.3 can't open a basis by a relative one with "..".
                        "--compare-dest=" + basis.toAbsolutePath(),
                        // Size and time of a basis say nothing: only what blocks hold counts.
                        "--ignore-times"));
    }

    private static List<String> pull(String rsync, long largestBytes, TransferLimits limits, List<String> special) {
        var command = new ArrayList<String>(List.of("sh", "-c", keepStream(largestBytes), "lockstep-pull", rsync));
        command.add("-tp");
        command.addAll(special);
        command.addAll(List.of(
                // A directory that the peer mentions and a file stay open to this agent and to nobody else, whatever
                // mode the peer claims. The apply gives the generation's.
                "--chmod=D0700,F0600",
                "--no-implied-dirs",
                "--no-secluded-args",
                "--fsync",
                timeout(limits),
                "--from0",
                "--files-from=:fixed-by-the-server",
                // Without it the shell's output is a non-blocking socket, and cat gives up when it is full.
                "--blocking-io",
                "--rsh=sh -c '" + JOIN_STREAM + "'"));
        command.add("lockstep:.");
        command.add(".");
        return List.copyOf(command);
    }

    /**
     * The server's command; its working directory is the tree's replica.
     *
     * @param list holds the NUL-separated paths, see {@link #listedName}
     */
    static List<String> serve(String rsync, Path list, TransferLimits limits) {
        return List.of(
                "sh",
                "-c",
                "ulimit -v " + MOST_MEMORY_KIB + " 2>/dev/null; exec \"$@\"",
                "lockstep-serve",
                rsync,
                "--server",
                "--sender",
                "-tpe.LsfxCIvu",
                timeout(limits),
                "--no-implied-dirs",
                "--files-from",
                list.toString(),
                "--from0",
                ".",
                ".");
    }

    private static String timeout(TransferLimits limits) {
        return "--timeout=" + limits.silence().toSeconds();
    }

    /**
     * The bytes that name a path in the server's list. rsync takes an entry that starts with {@code #} or {@code ;}
     * for a comment and drops it without a word, with {@code --from0} too (seen in 3.5.0); a leading {@code ./}
     * changes nothing else.
     */
    static byte[] listedName(byte[] path) {
        if (path[0] != '#' && path[0] != ';') {
            return path;
        }
        var listed = new byte[path.length + 2];
        listed[0] = '.';
        listed[1] = '/';
        System.arraycopy(path, 0, listed, 2, path.length);
        return listed;
    }
}
