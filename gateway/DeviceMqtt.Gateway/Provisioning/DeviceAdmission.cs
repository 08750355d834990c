using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>Lets a board in: its files, and the user that it logs in as. What <c>device add</c> and the console have in common.</summary>
/// <param name="users">Where the user goes.</param>
/// <param name="folder">Where the files go.</param>
/// <param name="tls">What the board is told of TLS.</param>
internal sealed class DeviceAdmission(UserFile users, DeviceFolder folder, DeviceTls tls)
{
    /// <summary>Why a board cannot be called so, as a sentence; null when it can.</summary>
    /// <param name="name">Its user name, and the device level of its topics.</param>
    /// <param name="clientId">With its group before it.</param>
    public static string? CheckName(string name, string clientId)
    {
        if (!DeviceTopic.IsName(name) || !DeviceFolder.IsName(name) || !ClientId.IsAddressable(clientId) || DeviceTopic.BuildInfo(DeviceTopic.DefaultPrefix, name).Length > WireLimits.TopicCharsMax)
            return "a name is one topic level: without / + # and $ in front, and not too long";
        // Where Client Identifiers of users are listed, these stand for others.
        if (clientId.AsSpan().ContainsAny('*', '?', '\\'))
            return $"'{SafeText.OfName(clientId)}' cannot be a Client Identifier of a device: it has a * ? or \\";
        // dm/p2p/info would be a command for a client "info".
        if (name == P2PTopic.Level)
            return $"a device cannot be called '{P2PTopic.Level}': in topics that level is for commands";
        // The gateway splits an identifier at its first separator.
        if (!DeviceTopic.IsOf(clientId, name))
            return $"'{SafeText.OfName(clientId)}' is not read as a group and the device '{SafeText.OfName(name)}': a group begins with GID_, and has no @@@ in it";
        return UserName.CheckMeaning(name);
    }

    /// <summary>Why there must not be files with passwords; null when there may.</summary>
    public string? CheckFolder() => folder.FindSourceTree() is { } tree ? $"{folder.Path} is in the source tree {tree}: passwords do not belong there" : null;

    /// <summary>Why a name is none of a device that may be added, changed or removed here; null when it is. The one rule of the command line and the console.</summary>
    /// <param name="users">Those of the data folder.</param>
    /// <param name="name">Of the device.</param>
    /// <param name="isOfSettings">The settings have a user of that name.</param>
    public static string? WhyNoDevice(IReadOnlyDictionary<string, UserEntry> users, string name, bool isOfSettings) =>
        isOfSettings ? $"'{name}' is a user of the settings: change it there"
        : !users.TryGetValue(name, out UserEntry? user) ? $"there is no device '{name}'"
        : user.Role != Roles.Device || user.Secret is not null ? $"there is a user '{name}', which is no device" : null;

    /// <summary>Why a device cannot be added under a name; null when it can.</summary>
    /// <param name="users">Those of the data folder.</param>
    /// <param name="name">Of the device.</param>
    /// <param name="isOfSettings">The settings have a user of that name.</param>
    /// <param name="mayReplace">A device that is there gets a new password.</param>
    public static string? WhyNotAdd(IReadOnlyDictionary<string, UserEntry> users, string name, bool isOfSettings, bool mayReplace) =>
        !isOfSettings && !users.ContainsKey(name) ? null
        : WhyNoDevice(users, name, isOfSettings) ?? (mayReplace ? null : $"there is a device '{name}'; --replace gives it a new password");

    /// <summary>Writes the files, and makes the user or gives it the new password.</summary>
    /// <param name="settings">Of the board.</param>
    /// <param name="rule">Asked once more when the user is made: there may be another one of that name meanwhile.</param>
    /// <exception cref="IOException">A file cannot be written; so for the others.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">The list of users is not one of ours.</exception>
    public void Admit(DeviceSettings settings, UserRule rule)
    {
        folder.Write(settings, tls.CaCertificate);
        // Last: a user whose board has no files is of no use to anybody.
        if (users.TrySet(settings.UserName, new UserEntry { Password = PasswordHash.Create(settings.Password), ClientIds = [settings.ClientId] }, rule) is { } wrong)
            throw new IOException(wrong);
    }

    /// <summary>Gives a device that there is another password, in its files too. Throws what <see cref="Admit"/> throws.</summary>
    public static void Rotate(UserFile users, DeviceFolder folder, string device)
    {
        string password = DeviceFolder.NewPassword();
        folder.Rotate(password);
        _ = users.Update(device, entry => entry with { Password = PasswordHash.Create(password), Imported = null });
    }
}
