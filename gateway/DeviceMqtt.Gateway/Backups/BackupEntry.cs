namespace DeviceMqtt.Gateway.Backups;

/// <summary>One file in a backup.</summary>
/// <param name="Name">Below the data folder, with <c>/</c> between.</param>
/// <param name="Bytes">So many are in the backup.</param>
/// <param name="Length">Of the file; behind <paramref name="Bytes"/> there are zeros.</param>
/// <param name="Sha256">Of those bytes, in hexadecimal digits.</param>
internal sealed record BackupEntry(string Name, long Bytes, long Length, string Sha256);
