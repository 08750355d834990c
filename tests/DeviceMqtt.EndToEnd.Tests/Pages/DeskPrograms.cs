using DeviceMqtt.EndToEnd.Tests.Packages;
using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// The programs of a <see cref="Desk"/>, as scripts of sh. The gateway, the simulator and the samples are those of this build. What a stand-in does not know, it
/// refuses: a page with an option, a file or a step that is wrong fails there.
/// </summary>
internal static class DeskPrograms
{
    /// <summary>The programs by their names.</summary>
    /// <param name="desk">The folder of the desk.</param>
    /// <param name="mqtt">The port of its gateway.</param>
    public static IEnumerable<(string Name, string Script)> Of(string desk, int mqtt)
    {
        string dotnet = Array.Find((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), static at => File.Exists(Path.Combine(at, "dotnet"))) ?? "/usr/bin";
        string gateway = $"{dotnet}/dotnet {GatewayProcess.Command[1]}";
        yield return ("devicemqtt", $"exec {gateway} \"$@\"");
        yield return ("sudo", "exec \"$@\"");
        yield return ("dotnet", Dotnet($"{dotnet}/dotnet", gateway));
        yield return ("systemctl", Systemctl(desk, gateway));
        yield return ("nanoff", Nanoff(desk, mqtt));
    }

    // Programs of this build, instead of compiling them; of the files that are programs, the file itself, with its own options.
    private static string Dotnet(string dotnet, string gateway) => $$"""
        verb=$1; shift
        project= folder= filter=
        case "$verb" in
        tool)
          case "$*" in
          restore|"install --global nanoff") exit 0;;
          "run nanoff -- "*) shift 3; exec nanoff "$@";;
          esac
          echo "dotnet tool has no $*" >&2; exit 9;;
        run|build|test|publish) ;;
        *) exec {{dotnet}} "$verb" "$@";;
        esac
        while [ $# -gt 0 ] && [ "$1" != -- ]; do
          case "$1" in
          --project) project=$2; shift;;
          -c|-v|-r) shift;;
          -o) folder=$2; shift;;
          --filter) filter=$2; shift;;
          --self-contained) [ "$2" != false ] || shift;;
          -p:*) ;;
          -*) echo "dotnet $verb has no $1" >&2; exit 9;;
          *) project=$1;;
          esac
          shift
        done
        [ $# -gt 0 ] && shift
        [ -e "{{Repository.Root}}/$project" ] || { echo "there is no project $project" >&2; exit 9; }
        case "$verb $project" in
        "run gateway/DeviceMqtt.Gateway") exec {{gateway}} "$@";;
        run\ *.cs) HOME={{Environment.GetEnvironmentVariable("HOME")}}; export HOME; exec {{dotnet}} run "{{Repository.Root}}/$project" -- "$@";;
        run\ *) cd "{{Repository.Root}}"; exec {{dotnet}} "{{Repository.Root}}/$project/{{QuickPackage.Build}}/$(basename $project).dll" "$@";;
        build\ *) exit 0;;
        publish\ *) cp -R "{{Repository.Root}}/$project/{{QuickPackage.Build}}" "$folder"; exit $?;;
        esac
        [ -z "$filter" ] || grep -rqE --include=*.cs "(class|Task|void) \w*$filter" "{{Repository.Root}}/$project" || { echo "$project has no test for $filter" >&2; exit 9; }
        """;

    private static string Systemctl(string desk, string gateway) => $$"""
        [ "$2" = devicemqtt ] || exit 9
        if [ "$1" != start ] && [ -f {{desk}}/pid ]; then
          kill $(cat {{desk}}/pid); while kill -0 $(cat {{desk}}/pid) 2>/dev/null; do sleep 0.05; done
          rm {{desk}}/pid
        fi
        [ "$1" = stop ] && exit 0
        : > {{desk}}/log
        {{gateway}} run > {{desk}}/log 2>&1 < /dev/null & echo $! > {{desk}}/pid
        until grep -q "listening http" {{desk}}/log; do kill -0 $! || { cat {{desk}}/log >&2; exit 1; }; sleep 0.05; done
        """;

    // The board of it comes up when it was given its application: it connects with what its settings say, and tells its birth.
    private static string Nanoff(string desk, int mqtt) => $$"""
        all=" $* "
        serialport= fwversion= platform= image= filedeployment=
        while [ $# -gt 0 ]; do
          case "$1" in
          --update|--masserase|--nanodevice|--deploy|--reset) ;;
          --platform|--fwversion|--serialport|--image|--filedeployment) [ $# -gt 1 ] || exit 2; eval "${1#--}=\$2"; shift;;
          *) echo "nanoff has no $1" >&2; exit 2;;
          esac
          shift
        done
        case "$all" in
        *" --update "*)
          [ "$platform" = esp32 ] && [ -n "$serialport" ] && [ "$fwversion" = "$(cat {{Repository.Root}}/firmware/runtime.version)" ] || { echo "nanoff --update: $all" >&2; exit 1; };;
        *" --filedeployment "*)
          grep -q '"serialport": *"/dev/ttyUSB0"' "$filedeployment" || { echo "no port in $filedeployment" >&2; exit 1; }
          grep -o '"SourceFilePath": *"[^"]*"' "$filedeployment" | cut -d'"' -f4 > {{desk}}/sources
          while read source; do [ -f "$source" ] || { echo "there is no $source" >&2; exit 1; }; done < {{desk}}/sources
          cp "$(grep 'settings.json$' {{desk}}/sources)" {{desk}}/board.json;;
        *" --deploy "*)
          [ -n "$serialport" ] && case "$image" in */DeviceMqtt.Device.Esp32.bin) ;; *) echo "nanoff --deploy: $all" >&2; exit 1;; esac
          value() { grep -o "\"$1\": *\"[^\"]*\"" {{desk}}/board.json | cut -d'"' -f4; }
          exec mosquitto_pub -p {{mqtt}} -i "$(value clientId)" -u "$(value user)" -P "$(value password)" -q 1 -r -t dm/kitchen/info \
            -m "{\"id\":\"$(value clientId)\",\"fw\":\"0.1.0\",\"board\":\"$(value board)\",\"b\":1,\"up\":1,\"tele\":{},\"cmd\":[\"ping\"]}";;
        *) echo "nanoff: nothing to do: $all" >&2; exit 2;;
        esac
        """;
}
