using System.Reflection;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>The PC's M2Mqtt, held against the members of the real one.</summary>
[TestClass]
public sealed class StandInTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [TestMethod]
    [DataRow(typeof(IMqttClient))]
    [DataRow(typeof(MqttClient))]
    public void StandIn_PublicMembers_AreAllMembersOfTheRealPackage(Type inAssembly)
    {
        NanoApi api = NewApi();
        List<string> invented = [];
        int looked = 0;
        foreach (Type type in inAssembly.Assembly.GetExportedTypes())
        {
            foreach (string id in IdsOf(type))
            {
                looked++;
                if (!api.Has(id))
                {
                    invented.Add(id);
                }
            }
        }

        Assert.IsGreaterThan(20, looked);
        Assert.IsEmpty(invented, string.Join(Environment.NewLine, invented));
    }

    [TestMethod]
    public void ClientInterface_HasEveryMemberOfTheRealOne()
    {
        const string Prefix = "M:nanoFramework.M2Mqtt.IMqttClient.";
        string[] real = [.. NewApi().Members.Where(m => m.StartsWith(Prefix, StringComparison.Ordinal) && !m.Contains("EventHandler.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] ours = [.. IdsOf(typeof(IMqttClient)).Where(id => id.StartsWith("M:", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        Assert.IsGreaterThan(15, real.Length);
        CollectionAssert.AreEqual(real, ours);
    }

    private static NanoApi NewApi()
    {
        string? folder = NanoApi.FindFolder();
        if (folder is null)
        {
            Assert.Inconclusive($"The lists of nanoFramework's members are not there: set {NanoApi.FolderVariable} to their folder (nano-api).");
        }

        return new NanoApi(folder);
    }

    /// <summary>Documentation ids of a type and its public members, as they stand in the lists.</summary>
    internal static IEnumerable<string> IdsOf(Type type)
    {
        string name = TextOf(type);
        yield return "T:" + name;
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            yield break;
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared))
        {
            yield return $"M:{name}.#ctor{ParametersOf(constructor)}";
        }

        foreach (MethodInfo method in type.GetMethods(Declared))
        {
            yield return $"M:{name}.{method.Name}{ParametersOf(method)}~{TextOf(method.ReturnType)}";
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(f => f.Name != "value__"))
        {
            yield return $"F:{name}.{field.Name}~{TextOf(field.FieldType)}";
        }
    }

    private static string ParametersOf(MethodBase method)
    {
        ParameterInfo[] parameters = method.GetParameters();
        return parameters.Length == 0 ? string.Empty : "(" + string.Join(',', parameters.Select(p => TextOf(p.ParameterType))) + ")";
    }

    private static string TextOf(Type type) => type.FullName!.Replace('+', '.').Replace('&', '@');
}
