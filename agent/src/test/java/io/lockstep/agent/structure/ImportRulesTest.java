package io.lockstep.agent.structure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** One direction of imports between the agent's packages. */
class ImportRulesTest {
    private static final String ROOT = "io.lockstep.agent.";

    /** Which packages of the agent each package may import; every one may import common and libraries. */
    private static final Map<String, List<String>> ALLOWED = new TreeMap<>(Map.ofEntries(
            Map.entry("posix", List.of()),
            Map.entry("json", List.of()),
            Map.entry("tls", List.of()),
            Map.entry("config", List.of()),
            Map.entry("setup", List.of("posix", "config")),
            Map.entry("scan", List.of("posix")),
            Map.entry("store", List.of("posix", "json")),
            Map.entry("rsync", List.of()),
            Map.entry("vfs", List.of()),
            Map.entry("mountio", List.of("posix")),
            Map.entry("gateway", List.of()),
            Map.entry("log", List.of("json")),
            Map.entry("peer", List.of("json", "tls")),
            Map.entry("loop", List.of("log")),
            Map.entry("metrics", List.of("loop")),
            Map.entry("http", List.of("json", "tls", "loop", "log")),
            Map.entry(
                    "app",
                    List.of(
                            "posix", "json", "tls", "config", "scan", "store", "rsync", "log", "peer", "loop",
                            "metrics", "http", "vfs", "mountio", "gateway")),
            Map.entry("demo", List.of("posix", "json", "tls", "config", "rsync", "peer")),
            Map.entry("cli", List.of("json", "tls", "config", "setup", "peer", "http", "app", "demo"))));

    private final JavaClasses agent = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.lockstep.agent");

    @TestFactory
    Stream<DynamicTest> aPackageImportsOnlyWhatIsBelowIt() {
        return ALLOWED.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    var forbidden = ALLOWED.keySet().stream()
                            .filter(other -> !other.equals(entry.getKey())
                                    && !entry.getValue().contains(other))
                            .map(other -> ROOT + other + "..")
                            .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage(ROOT + entry.getKey() + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden)
                            .check(agent);
                }));
    }

    @Test
    void everyPackageHasARule() {
        var known = ALLOWED.keySet().stream().map(name -> ROOT + name).toArray(String[]::new);

        classes().should().resideInAnyPackage(known).check(agent);
    }

    @Test
    void onlyTheVfsPackageKnowsVfs() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "vfs")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.commons.vfs2..", "com.jcraft.jsch..")
                .check(agent);
    }

    @Test
    void onlyThePosixPackageCallsTheOperatingSystemByItself() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "posix")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.sun.jna..")
                .check(agent);
    }
}
