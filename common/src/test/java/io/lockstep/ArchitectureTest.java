package io.lockstep;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rules of design section 10: what the pure domain may import, and what it never touches. */
class ArchitectureTest {
    /** Each package may import the ones before it. */
    private static final List<String> ORDER =
            List.of("artifact", "digest", "generation", "cluster", "mount", "reconcile", "mode", "health", "wire");

    private static final JavaClasses COMMON = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.lockstep");

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        var found = COMMON.stream().map(JavaClass::getPackageName).distinct().sorted();
        var known = ORDER.stream().map(name -> "io.lockstep." + name).sorted();

        assertThat(found).containsExactlyElementsOf(known.toList());
    }

    @Test
    void aPackageImportsOnlyThoseToItsLeft() {
        for (int i = 0; i < ORDER.size(); i++) {
            var allowed = new ArrayList<>(List.of("java..", "org.jspecify.annotations"));
            ORDER.subList(0, i + 1).forEach(name -> allowed.add("io.lockstep." + name));

            classes()
                    .that()
                    .resideInAPackage("io.lockstep." + ORDER.get(i))
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(allowed.toArray(String[]::new))
                    .check(COMMON);
        }
    }

    @Test
    void theDomainTouchesNoFileNoSocketNoThreadAndNoLog() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.util.concurrent..",
                        "java.util.logging..",
                        "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, ThreadLocal.class, Runtime.class, ProcessBuilder.class)
                .check(COMMON);
    }

    @Test
    void theDomainReadsNoClockAndNoEnvironment() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(java.time.Clock.class, java.time.InstantSource.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .check(COMMON);
        // System.arraycopy is the one call that is no effect.
        var calls = COMMON.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isEquivalentTo(System.class))
                .map(call -> call.getName())
                .distinct();
        assertThat(calls).isSubsetOf("arraycopy");
        var fields = COMMON.stream()
                .flatMap(type -> type.getFieldAccessesFromSelf().stream())
                .filter(access -> access.getTargetOwner().isEquivalentTo(System.class));
        assertThat(fields).isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() {
        var unmarked = COMMON.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(found -> !found.isAnnotatedWith(NullMarked.class))
                .map(found -> found.getName());

        assertThat(unmarked).isEmpty();
    }

    @Test
    void everyStaticFieldIsFinal() {
        Stream<String> mutable = COMMON.stream()
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.STATIC))
                .filter(field -> !field.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.FINAL))
                .map(field -> field.getFullName());

        assertThat(mutable).isEmpty();
    }
}
