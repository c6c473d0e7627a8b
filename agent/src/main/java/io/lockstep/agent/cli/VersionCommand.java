package io.lockstep.agent.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says which Lockstep this is and what it runs on. */
@Command(name = "version", description = "Shows the version of Lockstep and of its Java runtime.")
final class VersionCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions output = new OutputOptions();

    /** What JSON and YAML show. */
    public record Version(String lockstep, String java, String operatingSystem) {}

    @Override
    public Integer call() {
        // The manifest of the jar has the version; classes that run from a directory are being developed.
        var lockstep = Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("development");
        var system = System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
        var version = new Version(lockstep, Runtime.version().toString(), system);
        output.write(new Answer(
                version,
                List.of(
                        new Answer.Block.Line("lockstep " + version.lockstep(), Answer.Style.PLAIN),
                        new Answer.Block.Table(
                                List.of("RUNS ON", "VERSION"),
                                List.of(Answer.Row.of("Java", version.java()), Answer.Row.of("System", system))))));
        return ExitCode.GOOD.number();
    }
}
