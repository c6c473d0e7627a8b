package io.lockstep.agent.setup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A small file of root's that all may read.
 *
 * @param text what it says
 * @param before what it said before; empty when there was none
 */
public record WriteFile(String file, String text, Optional<String> before, String why) implements Step {
    private static final int MODE = 0644;

    private Path path() {
        return Path.of(file);
    }

    private Optional<String> content() throws IOException {
        return content(path());
    }

    static Optional<String> content(Path path) throws IOException {
        try {
            return Optional.of(Files.readString(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public String what() {
        return "Write " + file;
    }

    @Override
    public String command() {
        return "cat > " + HostCommand.typed(file) + " <<'END'\n" + text + "END";
    }

    @Override
    public String now() throws IOException {
        var now = content();
        return now.isEmpty() ? "it is not there" : now.get().equals(text) ? "it says that" : "it says something else";
    }

    @Override
    public boolean hasHappened() throws IOException {
        return content().equals(Optional.of(text));
    }

    @Override
    public void apply(Checkpoint checkpoint) throws IOException {
        replace(text, checkpoint);
    }

    private void replace(String content, Checkpoint checkpoint) throws IOException {
        var part = Owned.part(path());
        Files.deleteIfExists(part);
        try (var channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.UTF_8.encode(content));
            channel.force(true);
        }
        Files.setAttribute(part, "unix:mode", MODE);
        checkpoint.pass();
        Files.move(part, path(), StandardCopyOption.ATOMIC_MOVE);
        Owned.sync(Owned.above(path()));
    }

    @Override
    public Optional<String> undo(Checkpoint checkpoint) throws IOException {
        Files.deleteIfExists(Owned.part(path()));
        var now = content();
        if (now.equals(before)) {
            return Optional.empty();
        }
        if (!now.equals(Optional.of(text))) {
            return Optional.of(file + " is left: somebody changed it since");
        }
        if (before.isPresent()) {
            replace(before.get(), checkpoint);
        } else {
            Files.delete(path());
        }
        return Optional.empty();
    }
}
