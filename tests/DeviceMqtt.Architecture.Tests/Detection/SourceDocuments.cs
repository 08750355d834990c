using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>The source files of each type, as the compiler wrote them into the portable PDB.</summary>
internal static class SourceDocuments
{
    // "Type definition documents" of the portable PDB format: where a type stands that has no method body, an enum or an interface.
    private static readonly Guid TypeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    public static ILookup<TypeFile, string> Read(MetadataReader metadata, MetadataReader pdb) =>
        metadata.TypeDefinitions
            .SelectMany(type => Documents(metadata, pdb, type).Select(document => (File: ArrowReader.FileOf(metadata, type), Path: PathOf(pdb, document))))
            .Distinct()
            .ToLookup(found => found.File, found => found.Path);

    private static IEnumerable<DocumentHandle> Documents(MetadataReader metadata, MetadataReader pdb, TypeDefinitionHandle type)
    {
        foreach (MethodDefinitionHandle method in metadata.GetTypeDefinition(type).GetMethods())
        {
            MethodDebugInformation body = pdb.GetMethodDebugInformation(method.ToDebugInformationHandle());
            foreach (SequencePoint point in body.GetSequencePoints())
            {
                yield return point.Document;
            }
        }

        foreach (CustomDebugInformation extra in pdb.GetCustomDebugInformation(type).Select(pdb.GetCustomDebugInformation))
        {
            if (pdb.GetGuid(extra.Kind) == TypeDocuments)
            {
                BlobReader rows = pdb.GetBlobReader(extra.Value);
                while (rows.RemainingBytes > 0)
                {
                    yield return MetadataTokens.DocumentHandle(rows.ReadCompressedInteger());
                }
            }
        }
    }

    private static string PathOf(MetadataReader pdb, DocumentHandle document) =>
        pdb.GetString(pdb.GetDocument(document).Name).Replace('\\', '/');
}
