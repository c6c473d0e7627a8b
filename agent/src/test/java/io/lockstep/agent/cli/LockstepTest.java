package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockstepTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    chekc                 | lockstep: Unmatched argument at index 0: 'chekc'; did you mean check?
                    check x --fromat json | lockstep: Unknown options: '--fromat', 'json'; did you mean --format?
                    check                 | lockstep: Missing required parameter: 'FILE'
                    check x -f xml        | lockstep: Invalid value for option '--format'
                    setup                 | lockstep: --cluster is needed, the cluster's id; or --host
                    """)
    void wrongUsageIsOneLineAndExitCode64(String arguments, String line) {
        var run = Run.lockstep(arguments.strip().split(" "));

        assertThat(run.exitCode()).isEqualTo(64);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith(line).hasLineCount(1);
    }

    @Test
    void noCommandIsWrongUsage() {
        assertThat(Run.lockstep()).isEqualTo(new Run(64, "", "lockstep: a command is missing (help: lockstep help)\n"));
    }

    @Test
    void helpListsTheCommands() {
        var run = Run.lockstep("help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("check", "setup", "version", "Exit codes:");
        assertThat(Run.lockstep("check", "--help").out()).contains("FILE", "--format");
    }

    @Test
    void versionSpeaksEveryFormat() throws Exception {
        assertThat(Run.lockstep("version").out()).startsWith("lockstep ");
        assertThat(new JsonMapper()
                        .readTree(Run.lockstep("version", "-f", "json").out())
                        .path("java")
                        .asText())
                .isEqualTo(Runtime.version().toString());
        assertThat(Run.lockstep("version", "-f", "yaml").out()).contains("lockstep: ");
        assertThat(Run.lockstep("version", "-f", "tsv").out()).startsWith("RUNS ON\tVERSION\nJava\t");
    }

    @Test
    void exitCodesAreThoseOfSysexits() {
        assertThat(ExitCode.USAGE.number()).isEqualTo(64);
        assertThat(ExitCode.CONFIG.number()).isEqualTo(78);
        assertThat(ExitCode.values()).extracting(ExitCode::number).doesNotHaveDuplicates();
    }

    @Test
    void paragraphsOfAHelpAreWrappedWhereALineIsFull() {
        var commands = new TreeMap<>(Lockstep.commandLine().getSubcommands());
        // The library's own.
        commands.remove("help");
        for (var command : commands.entrySet()) {
            var lines = command.getValue().getUsageMessage().lines().toList();
            for (int i = 0; i + 1 < lines.size(); i++) {
                var next = lines.get(i + 1);
                if (isProse(lines.get(i)) && isProse(next)) {
                    var word = next.split(" ", -1)[0];
                    assertThat(lines.get(i).length() + 1 + word.length())
                            .as("%s: '%s' before '%s'", command.getKey(), lines.get(i), next)
                            .isGreaterThanOrEqualTo(80);
                }
            }
        }
    }

    /** Neither a synopsis, nor an option, nor an example. */
    private static boolean isProse(String line) {
        return !line.isBlank() && !line.startsWith(" ") && !line.startsWith("Usage:");
    }
}
