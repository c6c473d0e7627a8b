package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalTest {
    @TempDir
    private Path directory;

    private Terminal terminal(String target, Map<String, String> environment) throws IOException {
        var descriptor = directory.resolve("1");
        Files.deleteIfExists(descriptor);
        return Terminal.of(Files.createSymbolicLink(descriptor, Path.of(target)), environment);
    }

    @Test
    void aTerminalHasColoursUnlessTheyAreRefused() throws IOException {
        assertThat(terminal("/dev/pts/3", Map.of("TERM", "xterm"))).isEqualTo(new Terminal(true, true));
        assertThat(terminal("/dev/tty1", Map.of("TERM", "linux", "NO_COLOR", "1")))
                .isEqualTo(new Terminal(true, false));
        assertThat(terminal("/dev/pts/3", Map.of("TERM", "dumb"))).isEqualTo(new Terminal(true, false));
    }

    @Test
    void pipesAndFilesAreNoTerminals() throws IOException {
        assertThat(terminal("pipe:[123]", Map.of("TERM", "xterm"))).isEqualTo(new Terminal(false, false));
        assertThat(terminal("file", Map.of("TERM", "xterm"))).isEqualTo(new Terminal(false, false));
        assertThat(Terminal.of(directory.resolve("absent"), Map.of())).isEqualTo(new Terminal(false, false));
    }
}
