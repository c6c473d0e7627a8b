package io.lockstep.agent.setup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What setup began, did and undid on this host: a line for each, durable before and after every step. One process at a
 * time has it open.
 */
final class SetupJournal implements AutoCloseable {
    static final String NAME = "host-setup.journal";
    /** A plan has a few steps a tree, and there are at most 16 trees. */
    private static final long MOST_BYTES = 16 << 20;

    private static final JsonMapper MAPPER =
            JsonMapper.builder().addModule(new Jdk8Module()).build();

    private final FileChannel channel;
    private final TreeMap<Integer, Line> last = new TreeMap<>();

    private SetupJournal(FileChannel channel) {
        this.channel = channel;
    }

    /** How far a step is. */
    enum State {
        BEGUN,
        DONE,
        UNDONE
    }

    /** @param number the step's, the same on all of its lines */
    record Line(int number, State state, Step step) {}

    /** Opens the journal of a state directory, which is there. */
    static SetupJournal open(Path state) throws IOException {
        var file = state.resolve(NAME);
        var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new IOException("another setup of this host runs: " + file + " is locked");
            }
            var journal = new SetupJournal(channel);
            journal.load(file);
            return journal;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("another setup of this host runs: " + file + " is locked", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** What stands undone, without changing anything; nothing when there is no journal. */
    static List<Line> standing(Path state) throws IOException {
        var file = state.resolve(NAME);
        if (!Files.exists(file)) {
            return List.of();
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var journal = new SetupJournal(channel);
            journal.load(file);
            return journal.standing();
        }
    }

    private void load(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + " is larger than a journal of setup can be");
        }
        var text = Files.readString(file);
        // What follows the last line's end was cut short, and its step had not begun or is marked as begun.
        int end = text.lastIndexOf('\n') + 1;
        for (var line : text.substring(0, end).lines().toList()) {
            if (!line.isEmpty()) {
                add(parse(line, file));
            }
        }
        channel.position(text.substring(0, end).getBytes(StandardCharsets.UTF_8).length);
    }

    private static Line parse(String line, Path file) throws IOException {
        try {
            return MAPPER.readValue(line, Line.class);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " has a line that is none of a journal: " + e.getOriginalMessage(), e);
        }
    }

    private void add(Line line) {
        last.put(line.number(), line);
    }

    /** Steps that were begun and not undone, in the order of their beginnings. */
    List<Line> standing() {
        return new ArrayList<>(last.values())
                .stream().filter(line -> line.state() != State.UNDONE).toList();
    }

    /** Notes that {@code step} begins now, and numbers it. */
    int begin(Step step) throws IOException {
        int number = last.isEmpty() ? 1 : last.lastKey() + 1;
        write(new Line(number, State.BEGUN, step));
        return number;
    }

    void done(int number, Step step) throws IOException {
        write(new Line(number, State.DONE, step));
    }

    void undone(int number, Step step) throws IOException {
        write(new Line(number, State.UNDONE, step));
    }

    private void write(Line line) throws IOException {
        var bytes = StandardCharsets.UTF_8.encode(MAPPER.writeValueAsString(line) + "\n");
        channel.truncate(channel.position());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(true);
        add(line);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
