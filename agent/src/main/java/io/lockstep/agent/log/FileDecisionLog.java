package io.lockstep.agent.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.json.Json;
import io.lockstep.cluster.DecisionState;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.RefusedEntryException;
import io.lockstep.wire.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The decision log in one file: a line an entry, eight hexadecimal digits of the CRC-32C of the JSON that follows them
 * after a space. An entry is durable when {@link #append} returns.
 *
 * <p>A torn last line, as a crash or a full disk leaves it, is cut off when the log is opened: it was never
 * acknowledged. A broken line before the last is damage, and opening fails rather than forget decisions.
 *
 * <p>One thread writes; {@link #entriesAfter} may be called from any.
 */
public final class FileDecisionLog implements Closeable {
    private static final int CRC_DIGITS = 8;

    private final Path file;
    private final ObjectMapper mapper = Json.mapper();
    private final FileChannel channel;
    private final List<LogEntry> entries;
    private DecisionState state;

    private FileDecisionLog(Path file, FileChannel channel, List<LogEntry> entries, DecisionState state) {
        this.file = file;
        this.channel = channel;
        this.entries = entries;
        this.state = state;
    }

    /**
     * Opens the log, and makes an empty one where there is none. The caller holds the lock of the directory.
     *
     * @throws IOException when the file can't be read or written, or is damaged; the message says what to do
     */
    public static FileDecisionLog open(Path file) throws IOException {
        boolean isNew = !Files.exists(file);
        var bytes = isNew ? new byte[0] : Files.readAllBytes(file);
        var mapper = Json.mapper();
        var entries = new ArrayList<LogEntry>();
        var state = DecisionState.initial();
        int start = 0;
        while (start < bytes.length) {
            int end = indexOfNewline(bytes, start);
            if (end < 0) {
                break;
            }
            try {
                var entry = parse(mapper, bytes, start, end);
                state = state.apply(entry);
                entries.add(entry);
            } catch (IOException | IllegalArgumentException | RefusedEntryException e) {
                if (end == bytes.length - 1) {
                    break;
                }
                throw new IOException(
                        "the decision log " + file + " is damaged at byte " + start + " (" + e.getMessage()
                                + "): restore it from a backup, or move the state directory away to join the cluster anew",
                        e);
            }
            start = end + 1;
        }
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            channel.truncate(start).position(start);
            channel.force(true);
            if (isNew) {
                forceDirectory(file);
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new FileDecisionLog(file, channel, entries, state);
    }

    private static void forceDirectory(Path file) throws IOException {
        var parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (var directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    private static int indexOfNewline(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static LogEntry parse(ObjectMapper mapper, byte[] bytes, int start, int end) throws IOException {
        int json = start + CRC_DIGITS + 1;
        if (json > end) {
            throw new IOException("a line is too short");
        }
        var expected = new String(bytes, start, CRC_DIGITS, StandardCharsets.US_ASCII);
        if (!expected.equals(crc(bytes, json, end - json))) {
            throw new IOException("a line's checksum is wrong");
        }
        return mapper.readValue(bytes, json, end - json, LogRecord.class).toEntry();
    }

    private static String crc(byte[] bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes, offset, length);
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }

    /** What the log says up to its last entry. */
    public synchronized DecisionState state() {
        return state;
    }

    /**
     * Makes entries durable, all or, on an error of the disk, none.
     *
     * @throws RefusedEntryException when one does not follow; nothing was written
     * @throws IOException when the disk fails; nothing was acknowledged, and the log is as before
     */
    public synchronized void append(List<LogEntry> next) throws RefusedEntryException, IOException {
        var after = state;
        var lines = new ByteArrayOutputStream();
        for (var entry : next) {
            after = after.apply(entry);
            lines.writeBytes(line(entry));
        }
        long position = channel.position();
        try {
            var buffer = ByteBuffer.wrap(lines.toByteArray());
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(position).position(position);
            throw new IOException("the decision log " + file + " can't be written: " + e.getMessage(), e);
        }
        entries.addAll(next);
        state = after;
    }

    private byte[] line(LogEntry entry) throws JsonProcessingException {
        var json = mapper.writeValueAsBytes(LogRecord.of(entry));
        var line = ByteBuffer.allocate(CRC_DIGITS + 1 + json.length + 1);
        line.put(crc(json, 0, json.length).getBytes(StandardCharsets.US_ASCII))
                .put((byte) ' ')
                .put(json)
                .put((byte) '\n');
        return line.array();
    }

    /** The entries with an index above {@code index}, in order, at most {@code limit}. */
    public synchronized List<LogEntry> entriesAfter(long index, int limit) {
        if (index >= entries.size()) {
            return List.of();
        }
        int from = (int) Math.max(0, index);
        return List.copyOf(entries.subList(from, Math.min(entries.size(), from + limit)));
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
