from typing import Any

from django.db import migrations

# The names of the JSI in the fixtures, with their translations into French and Spanish.
NAMES = {
    "Joint Statement Initiative on Electronic Commerce": (
        "Initiative liée à la Déclaration conjointe sur le commerce électronique",
        "Iniciativa relacionada con la Declaración Conjunta sobre el Comercio Electrónico",
    ),
    "JSI on e-commerce": ("JSI sur le commerce électronique", "JSI sobre comercio electrónico"),
    "MSMEs": ("MPME", "Mipymes"),
    "Gender": ("Égalité hommes-femmes", "Igualdad de género"),
    "Least developed countries": ("Pays les moins avancés", "Países menos adelantados"),
    "Capacity building": ("Renforcement des capacités", "Creación de capacidad"),
    "Data": ("Données", "Datos"),
    "Enabling e-commerce": ("Favoriser le commerce électronique", "Propiciar el comercio electrónico"),
    "Openness and e-commerce": ("Ouverture et commerce électronique", "Apertura y comercio electrónico"),
    "Trust and e-commerce": ("Confiance et commerce électronique", "Confianza y comercio electrónico"),
    "Cross-cutting issues": ("Questions transversales", "Cuestiones transversales"),
    "Telecommunications": ("Télécommunications", "Telecomunicaciones"),
    "Market access": ("Accès aux marchés", "Acceso a los mercados"),
    "Scope and general provisions": (
        "Champ d’application et dispositions générales",
        "Ámbito de aplicación y disposiciones generales",
    ),
    "Facilitating electronic transactions": (
        "Facilitation des transactions électroniques",
        "Facilitación de las transacciones electrónicas",
    ),
    "Digital trade facilitation and logistics": (
        "Facilitation du commerce numérique et logistique",
        "Facilitación del comercio digital y logística",
    ),
    "Non-discrimination and liability": ("Non-discrimination et responsabilité", "No discriminación y responsabilidad"),
    "Flow of information": ("Flux d’informations", "Flujo de información"),
    "Customs duties on electronic transmissions": (
        "Droits de douane sur les transmissions électroniques",
        "Derechos de aduana sobre las transmisiones electrónicas",
    ),
    "Access to Internet and data": ("Accès à Internet et aux données", "Acceso a Internet y a los datos"),
    "Consumer protection": ("Protection des consommateurs", "Protección del consumidor"),
    "Privacy": ("Protection de la vie privée", "Privacidad"),
    "Business trust": ("Confiance des entreprises", "Confianza de las empresas"),
    "Transparency, domestic regulation and cooperation": (
        "Transparence, réglementation intérieure et coopération",
        "Transparencia, reglamentación nacional y cooperación",
    ),
    "Cybersecurity": ("Cybersécurité", "Ciberseguridad"),
    "Updating the WTO Reference Paper on telecommunications services": (
        "Mise à jour du Document de référence de l’OMC sur les services de télécommunication",
        "Actualización del Documento de Referencia de la OMC sobre los servicios de telecomunicaciones",
    ),
    "Network equipment and products": ("Équipements et produits de réseau", "Equipos y productos de red"),
    "Electronic transaction frameworks": (
        "Cadres régissant les transactions électroniques",
        "Marcos para las transacciones electrónicas",
    ),
    "Electronic authentication and e-signatures": (
        "Authentification et signatures électroniques",
        "Autenticación y firmas electrónicas",
    ),
    "Electronic contracts": ("Contrats électroniques", "Contratos electrónicos"),
    "Electronic invoicing": ("Facturation électronique", "Facturación electrónica"),
    "Electronic payment services": ("Services de paiement électronique", "Servicios de pago electrónico"),
    "Paperless trading": ("Commerce sans papier", "Comercio sin papel"),
    "De minimis": ("De minimis", "De minimis"),
    "Customs procedures": ("Procédures douanières", "Procedimientos aduaneros"),
    "Improvements to trade policies": (
        "Amélioration des politiques commerciales",
        "Mejora de las políticas comerciales",
    ),
    "Single windows data exchange and system interoperability": (
        "Échange de données entre guichets uniques et interopérabilité des systèmes",
        "Intercambio de datos entre ventanillas únicas e interoperabilidad de los sistemas",
    ),
    "Logistics services": ("Services de logistique", "Servicios de logística"),
    "Enhanced trade facilitation": ("Facilitation accrue des échanges", "Mayor facilitación del comercio"),
    "Non-discriminatory treatment of digital products": (
        "Traitement non discriminatoire des produits numériques",
        "Trato no discriminatorio de los productos digitales",
    ),
    "Interactive computer services (limiting liability)": (
        "Services informatiques interactifs (limitation de la responsabilité)",
        "Servicios informáticos interactivos (limitación de la responsabilidad)",
    ),
    "Interactive computer services (infringement)": (
        "Services informatiques interactifs (atteintes aux droits)",
        "Servicios informáticos interactivos (infracciones)",
    ),
    "[Cross-border transfer of information by electronic means/cross-border data flows]": (
        "[Transfert transfrontières d’informations par voie électronique/flux de données transfrontières]",
        "[Transferencia transfronteriza de información por medios electrónicos/flujos de datos transfronterizos]",
    ),
    "Location of computing facilities": (
        "Emplacement des installations informatiques",
        "Ubicación de las instalaciones informáticas",
    ),
    "[Financial information / location of financial computing facilities for covered financial service suppliers]": (
        "[Informations financières / emplacement des installations informatiques financières pour "
        "les fournisseurs de services financiers visés]",
        "[Información financiera / ubicación de las instalaciones informáticas financieras de los "
        "proveedores de servicios financieros abarcados]",
    ),
    "Open government data": ("Données publiques ouvertes", "Datos gubernamentales abiertos"),
    "Open Internet access/principles on access to and use of the Internet for [electronic commerce/digital trade]": (
        "Accès ouvert à Internet/principes relatifs à l’accès à Internet et à son utilisation pour "
        "[le commerce électronique/le commerce numérique]",
        "Acceso abierto a Internet/principios sobre el acceso a Internet y su utilización para [el "
        "comercio electrónico/el comercio digital]",
    ),
    "Access to and use of interactive computer services": (
        "Accès aux services informatiques interactifs et utilisation de ces services",
        "Acceso a los servicios informáticos interactivos y utilización de esos servicios",
    ),
    "Competition": ("Concurrence", "Competencia"),
    "Online consumer protection": ("Protection des consommateurs en ligne", "Protección del consumidor en línea"),
    "Unsolicited commercial electronic messages": (
        "Messages électroniques commerciaux non sollicités",
        "Mensajes electrónicos comerciales no solicitados",
    ),
    "[Personal information protection/personal data protection]": (
        "[Protection des informations personnelles/protection des données personnelles]",
        "[Protección de la información personal/protección de los datos personales]",
    ),
    "Source code": ("Code source", "Código fuente"),
    "ICT products that use cryptography": (
        "Produits des TIC utilisant la cryptographie",
        "Productos de las TIC que utilizan criptografía",
    ),
    "Transparency": ("Transparence", "Transparencia"),
    "Electronic availability of trade-related information": (
        "Disponibilité par voie électronique des renseignements relatifs au commerce",
        "Disponibilidad por medios electrónicos de la información relacionada con el comercio",
    ),
    "Domestic regulation": ("Réglementation intérieure", "Reglamentación nacional"),
    "Cooperation": ("Coopération", "Cooperación"),
    "Cooperation mechanism": ("Mécanisme de coopération", "Mecanismo de cooperación"),
    "Options for capacity building and technical assistance": (
        "Options pour le renforcement des capacités et l’assistance technique",
        "Opciones para la creación de capacidad y la asistencia técnica",
    ),
    "Scope": ("Champ d’application", "Ámbito de aplicación"),
    "Definitions": ("Définitions", "Definiciones"),
    "Competitive safeguards": ("Sauvegardes en matière de concurrence", "Salvaguardias de la competencia"),
    "Interconnection": ("Interconnexion", "Interconexión"),
    "Universal service": ("Service universel", "Servicio universal"),
    "Licensing and authorization": ("Licences et autorisations", "Licencias y autorizaciones"),
    "Telecommunications regulatory authority": (
        "Autorité de réglementation des télécommunications",
        "Autoridad de reglamentación de las telecomunicaciones",
    ),
    "Allocation and use of scarce resources": (
        "Attribution et utilisation des ressources limitées",
        "Asignación y utilización de recursos escasos",
    ),
    "Essential facilities": ("Installations essentielles", "Instalaciones esenciales"),
    "Electronic commerce-related network equipment and products": (
        "Équipements et produits de réseau liés au commerce électronique",
        "Equipos y productos de red relacionados con el comercio electrónico",
    ),
    "Services market access": ("Accès aux marchés pour les services", "Acceso a los mercados para los servicios"),
    "Temporary entry and sojourn of electronic commerce-related personnel": (
        "Admission et séjour temporaires du personnel lié au commerce électronique",
        "Entrada y estancia temporales del personal relacionado con el comercio electrónico",
    ),
    "Goods market access": ("Accès aux marchés pour les marchandises", "Acceso a los mercados para las mercancías"),
    "Preamble": ("Préambule", "Preámbulo"),
    "Principles": ("Principes", "Principios"),
    "Relation to other agreements": ("Relation avec d’autres accords", "Relación con otros acuerdos"),
    "General exceptions": ("Exceptions générales", "Excepciones generales"),
    "Security exception": ("Exception concernant la sécurité", "Excepción relativa a la seguridad"),
    "Spam (unsolicited commercial electronic messages)": (
        "Spam (messages électroniques commerciaux non sollicités)",
        "Spam (mensajes electrónicos comerciales no solicitados)",
    ),
    "E-signatures and electronic authentication": (
        "Signatures et authentification électroniques",
        "Firmas y autenticación electrónicas",
    ),
    "Digital trade facilitation": ("Facilitation du commerce numérique", "Facilitación del comercio digital"),
    "Market access (services market access)": (
        "Accès aux marchés (accès aux marchés pour les services)",
        "Acceso a los mercados (acceso a los mercados para los servicios)",
    ),
    "Open Internet access": ("Accès ouvert à Internet", "Acceso abierto a Internet"),
}
NEGOTIATION = "jsi"
ENTRIES = ("Section", "Issue", "SubIssue")


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the names of the JSI in French and Spanish where the English name is still that of the fixtures."""
    negotiations = apps.get_model("issues", "Negotiation").objects.filter(slug=NEGOTIATION)
    if not negotiations.exists():
        return
    _fill(negotiations, "name")
    _fill(negotiations, "short_name")
    for name in ENTRIES:
        _fill(apps.get_model("issues", name).objects.filter(negotiation__slug=NEGOTIATION), "title")
    _fill(apps.get_model("issues", "SmallGroup").objects.filter(negotiation__slug=NEGOTIATION), "name")
    _fill(apps.get_model("issues", "Lens").objects, "name")


def _fill(rows: Any, field: str) -> None:
    french, spanish = f"{field}_fr", f"{field}_es"
    for row in rows.filter(**{f"{field}__in": list(NAMES), french: "", spanish: ""}):
        in_french, in_spanish = NAMES[getattr(row, field)]
        setattr(row, french, in_french)
        setattr(row, spanish, in_spanish)
        row.save(update_fields=[french, spanish])


class Migration(migrations.Migration):

    dependencies = [
        ("issues", "0034_names_in_french_and_spanish"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
