package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.LongConsumer;

/** Moves bytes of files between here and a server. */
final class RemoteContent {
    /** SFTP sends at most so much in one message. */
    private static final int CHUNK = 32 * 1024;

    private RemoteContent() {}

    /** The first bytes of a file, at most {@code most}. */
    static byte[] read(RemotePlace place, EntryPath path, int most) throws RemoteFailure {
        var bytes = new byte[most];
        int length = 0;
        var step = "read " + path;
        var in = place.read(path);
        try {
            int from = 0;
            int got = 0;
            while (got >= 0 && from < most) {
                int at = from;
                got = place.stream(step, () -> in.read(bytes, at, most - at));
                from += Math.max(0, got);
            }
            length = from;
        } finally {
            place.stream(step, () -> {
                in.close();
                return true;
            });
        }
        return Arrays.copyOf(bytes, length);
    }

    /** Somebody who takes the bytes of a file as they arrive. */
    interface Taker {
        void take(byte[] bytes, int length) throws IOException;
    }

    /**
     * Reads a whole file.
     *
     * @param looked what the server said of it just before
     * @param read is told how many bytes were read since it was told last
     * @return its digest
     * @throws RemoteFailure also when fewer or more bytes came than the server had said: a connection that breaks looks
     *     like the end of a file
     * @throws LocalFailure when the taker could not take them
     */
    static Digest readAll(RemotePlace place, EntryPath path, RemoteLook looked, Taker taker, LongConsumer read)
            throws RemoteFailure, LocalFailure {
        var sha256 = Digest.newSha256();
        var chunk = new byte[CHUNK];
        long total = 0;
        var step = "read " + path;
        var in = place.read(path);
        try {
            int got = 0;
            while (got >= 0 && total <= looked.sizeBytes()) {
                got = place.stream(step, () -> in.read(chunk));
                if (got > 0) {
                    sha256.update(chunk, 0, got);
                    take(taker, chunk, got);
                    total += got;
                    read.accept(got);
                }
            }
        } finally {
            place.stream(step, () -> {
                in.close();
                return true;
            });
        }
        if (total != looked.sizeBytes()) {
            throw RemoteFailure.refused(
                    step,
                    "EAGAIN",
                    "it has another size than " + looked.sizeBytes() + " bytes now: it is being written");
        }
        return Digest.finish(sha256);
    }

    private static void take(Taker taker, byte[] bytes, int length) throws LocalFailure {
        try {
            taker.take(bytes, length);
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
    }

    /** Writes a small file anew. */
    static void write(RemotePlace place, EntryPath path, byte[] content) throws RemoteFailure {
        writeAll(place, path, out -> out.write(content));
    }

    /** Somebody who has the bytes of a file. */
    interface Giver {
        void giveTo(OutputStream out) throws IOException;
    }

    /** Writes a file anew; what the server acknowledged is all of it. */
    static void writeAll(RemotePlace place, EntryPath path, Giver giver) throws RemoteFailure {
        var step = "write " + path;
        var out = place.write(path);
        boolean isWhole = false;
        try {
            place.stream(step, () -> {
                giver.giveTo(out);
                return true;
            });
            isWhole = true;
        } finally {
            closeAfter(place, step, out, isWhole);
        }
    }

    private static void closeAfter(RemotePlace place, String step, OutputStream out, boolean isWhole)
            throws RemoteFailure {
        try {
            // Closing waits for what is not acknowledged yet, so that it is a part of writing.
            place.stream(step, () -> {
                out.close();
                return true;
            });
        } catch (RemoteFailure e) {
            if (isWhole) {
                throw e;
            }
            // The first failure is the one to tell, and it is on its way.
        }
    }
}
